"""The words of following, in both languages."""

WORDS: dict[str, tuple[str, str]] = {
    "follow": ("关注", "Follow"),
    "follow_on": ("已关注", "Following"),
    "follow_hint": (
        "有人修改、评论或添加文件时通知您（w）",
        "Be told when somebody changes it, comments or adds a file (w)",
    ),
    "follow_stop_hint": ("取消关注（w）", "Stop following (w)"),
    "follow_stop": ("取消关注 {record}", "Stop following {record}"),
    "follow_begun": (
        "已关注；别人的修改、评论和文件会通知您",
        "You follow this record: what others do with it is in your inbox",
    ),
    "follow_ended_one": ("已取消关注", "You no longer follow it"),
    "key_follow": ("关注或取消关注记录", "Follow a record, or stop"),
    "followed": ("我关注的", "Following"),
    "followed_none": ("还没有关注任何记录", "You follow nothing yet"),
    "followed_none_hint": (
        "在记录页点按「关注」（或按 w），别人修改、评论或添加文件时会通知您",
        "Choose Follow on a record’s page, or press w there: you are told when others change it, comment or add files",
    ),
    "followed_changed": ("{who} 修改于", "Changed by {who}"),
    "followed_talk": ("自动关注我评论的和提到我的记录", "Follow records that I comment on or am mentioned on"),
    "followed_talk_kept": ("偏好已保存", "Preference saved"),
    "followed_save": ("保存", "Save"),
}
