"""What pages of errors say: what happened by the answer's status, and what to do where nothing more exact is known. Why exactly is the
refusal's own to say."""

from __future__ import annotations

ERROR_WORDS: dict[str, tuple[str, str]] = {
    "error_title": ("出错了", "Something went wrong"),
    "error_400": ("请求有误", "The request is not right"),
    "error_400_hint": ("请返回上一页，刷新后再试。", "Go back, load the page again, and try once more."),
    "error_403": ("您没有这样做的权限", "You may not do this"),
    "error_403_hint": (
        "如果工作需要，请联系管理员调整您的权限。",
        "If your work needs it, ask an administrator for the right to do it.",
    ),
    "error_404": ("没有找到", "Not found"),
    "error_404_hint": (
        "地址可能有误，记录可能已删除，或者您没有查看权限。",
        "The address may be wrong, the record deleted, or not yours to see.",
    ),
    "error_405": ("这个地址不能直接打开", "This address can't be opened"),
    "error_405_hint": (
        "它用来提交一项操作。请从原来的页面再操作一次。",
        "It takes what a page sends. Go back to that page and do it once more.",
    ),
    "error_409": ("现在不能这样做", "That can't be done now"),
    "error_409_hint": (
        "记录的状态可能刚刚有了变化。请返回查看后再试。",
        "Things may just have changed. Go back, look, and try again.",
    ),
    "error_410": ("已经不在了", "No longer here"),
    "error_410_hint": ("内容已过期或被移除，请重新生成。", "It has expired or was removed. Have it made anew."),
    "error_412": ("记录刚刚被修改过", "It was changed meanwhile"),
    "error_412_hint": (
        "请返回并刷新，看过最新内容后再试。",
        "Go back, load the page again, and look at what it is now.",
    ),
    "error_413": ("内容太大", "Too large"),
    "error_413_hint": ("请分成几次，或换小一些的文件。", "Send it in parts, or choose a smaller file."),
    "error_414": ("地址过长", "The address is too long"),
    "error_414_hint": ("请减少筛选条件后再试。", "Take some filters away and try again."),
    "error_415": ("不支持这种格式", "Not a format that is taken"),
    "error_415_hint": ("请换一种格式后再试。", "Try another format."),
    "error_422": ("内容有误", "Something in it is not right"),
    "error_429": ("操作过于频繁", "Too much at once"),
    "error_429_hint": ("请稍等片刻再试。", "Wait a moment and try again."),
    "error_500": ("系统出错", "Something broke"),
    "error_500_hint": (
        "错误已记录。请稍后重试；若仍出现，请把时间告诉管理员。",
        "It has been recorded. Try again in a while; if it stays, tell an administrator the time.",
    ),
    "error_503": ("正在准备", "Getting ready"),
    "error_503_hint": ("系统尚未就绪，请几秒后重试。", "The system is not ready yet. Try again in a few seconds."),
    "error_back": ("返回上一页", "Go back"),
    "error_home": ("回到首页", "Go home"),
}
