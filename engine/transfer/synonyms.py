"""Words that people head their columns with, in groups that mean the same. Data alone; what a header is compared with is guess.py's."""

from __future__ import annotations

import re
import unicodedata

_GROUPS = (
    "名称 名字 姓名 全称 name full_name title 标题 主题 subject",
    "公司 公司名称 客户 客户名称 单位 单位名称 企业 企业名称 company company_name account customer client organisation organization",
    "联系人 联系人姓名 contact contact_person",
    "手机 手机号 手机号码 移动电话 电话 联系电话 电话号码 联系方式 phone mobile mobile_phone cell tel telephone phone_number",
    "邮箱 电子邮箱 电子邮件 邮件 email e-mail mail email_address",
    "地址 详细地址 联系地址 通讯地址 公司地址 address street",
    "网址 网站 官网 主页 website url homepage web",
    "备注 说明 描述 附注 remark remarks note notes memo description comment comments",
    "金额 总金额 总额 合计 价税合计 amount total value sum",
    "单价 价格 售价 报价 price unit_price",
    "数量 件数 台数 quantity qty count",
    "编号 编码 代码 单号 序号 number no code id serial",
    "日期 时间 date day",
    "状态 status state",
    "类型 类别 分类 种类 type kind category",
    "级别 等级 level grade rank",
    "来源 客户来源 渠道 source channel lead_source",
    "行业 所属行业 industry sector",
    "地区 区域 大区 region area territory",
    "负责人 销售 销售员 业务员 跟进人 客户经理 所有者 owner sales sales_rep salesperson rep assignee",
    "部门 department team",
    "生日 出生日期 birthday birth_date date_of_birth",
    "性别 gender sex",
    "职务 职位 岗位 position job_title job role",
    "身份证 身份证号 身份证号码 id_number id_card",
    "统一社会信用代码 信用代码 社会信用代码 税号 纳税人识别号 credit_code tax_id tax_number",
    "开始日期 开始时间 起始日期 start start_date from begin",
    "结束日期 结束时间 截止日期 到期日 end end_date due due_date until",
    "产品 产品名称 商品 商品名称 品名 product product_name item goods",
    "规格 型号 规格型号 model spec specification",
    "成本 cost",
    "折扣 discount",
)
_SCALE = re.compile(
    r"(?:^|[^a-z])(?P<scale>[百千万亿]+|hundred|thousand|k|million|mn|mio|billion|bn)s?"
    r"[ ./]?(?:元|圆|人民币|美元|欧元|港元|港币|日元|rmb|cny|usd|eur|hkd|jpy|¥|\$|€)?[)）\]】]?$"
)
_ASIDE = re.compile(r"[(（\[【<《][^)）\]】>》]*[)）\]】>》]")
_DUST = re.compile(r"[\s_*:：#.、/\\\-]+")


def plain(text: str) -> str:
    """Return a header or label as it is compared: without case, blanks, marks and what stands in brackets."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _DUST.sub("", _ASIDE.sub("", folded)) or _DUST.sub("", folded)


def scale(text: str) -> str:
    """Return what a header counts in, where that is not one: ``万`` of ``金额（万元）``, ``k`` of ``Revenue (kUSD)``; "" for nothing said."""
    found = _SCALE.search(unicodedata.normalize("NFKC", text).casefold().strip())
    return found["scale"] if found else ""


def make_groups() -> dict[str, frozenset[str]]:
    """Return word → all that mean the same."""
    found: dict[str, frozenset[str]] = {}
    for line in _GROUPS:
        words = frozenset(map(plain, line.split()))
        found |= {word: found.get(word, frozenset()) | words for word in words}
    return found
