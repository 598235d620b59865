"""The words that the sales pack's demo data is made of: people, products, names, topics."""

from __future__ import annotations

from typing import Any

Rows = list[dict[str, Any]]

DEPARTMENTS: Rows = [
    {"ref": "sales", "name": "销售中心", "part_of": ""},
    {"ref": "d_north", "name": "华北销售部", "part_of": "sales"},
    {"ref": "d_east", "name": "华东销售部", "part_of": "sales"},
    {"ref": "d_south", "name": "华南销售部", "part_of": "sales"},
    {"ref": "service", "name": "客户服务部", "part_of": ""},
    {"ref": "finance", "name": "财务部", "part_of": ""},
]

PEOPLE: Rows = [
    {
        "ref": "chen",
        "login": "chen",
        "name": "陈国栋",
        "department": "sales",
        "manager": "",
        "region": "",
        "roles": "director",
    },
    {
        "ref": "li",
        "login": "li",
        "name": "李晓明",
        "department": "d_north",
        "manager": "chen",
        "region": "north",
        "roles": "manager",
    },
    {
        "ref": "zhao",
        "login": "zhao",
        "name": "赵敏",
        "department": "d_east",
        "manager": "chen",
        "region": "east",
        "roles": "manager",
    },
    {
        "ref": "wang",
        "login": "wang",
        "name": "王思琪",
        "department": "d_south",
        "manager": "chen",
        "region": "south",
        "roles": "manager",
    },
    {
        "ref": "liu",
        "login": "liu",
        "name": "刘洋",
        "department": "d_north",
        "manager": "li",
        "region": "north",
        "roles": "rep",
    },
    {
        "ref": "sun",
        "login": "sun",
        "name": "孙佳怡",
        "department": "d_east",
        "manager": "zhao",
        "region": "east",
        "roles": "rep",
    },
    {
        "ref": "zhou",
        "login": "zhou",
        "name": "周子豪",
        "department": "d_east",
        "manager": "zhao",
        "region": "east",
        "roles": "rep",
    },
    {
        "ref": "weber",
        "login": "weber",
        "name": "Anna Weber",
        "department": "d_south",
        "manager": "wang",
        "region": "south",
        "roles": "rep",
    },
    {"ref": "he", "login": "he", "name": "何静", "department": "service", "manager": "chen", "region": "", "roles": "service"},
    {"ref": "xu", "login": "xu", "name": "徐芳", "department": "finance", "manager": "", "region": "", "roles": "finance"},
]  # fmt: skip
SERVICE = ("he",)  # who takes tickets

PRODUCTS = [
    ("SW-100", "生产执行系统 MES 标准版", "software", "套", 180000, 62000),
    ("SW-110", "生产执行系统 MES 旗舰版", "software", "套", 420000, 140000),
    ("SW-200", "仓储管理系统 WMS", "software", "套", 150000, 51000),
    ("SW-300", "设备物联平台", "software", "套", 260000, 90000),
    ("SW-310", "数据中台", "software", "套", 380000, 150000),
    ("SW-400", "质量追溯模块", "software", "套", 68000, 20000),
    ("EQ-100", "边缘采集网关", "equipment", "台", 4800, 2900),
    ("EQ-110", "工业平板终端", "equipment", "台", 6200, 4100),
    ("EQ-200", "视觉检测工作站", "equipment", "台", 128000, 79000),
    ("EQ-300", "AGV 搬运小车", "equipment", "台", 96000, 66000),
    ("SV-100", "实施服务", "service", "人天", 2600, 1500),
    ("SV-110", "定制开发", "service", "人天", 3200, 1900),
    ("SV-200", "年度维保", "service", "年", 45000, 18000),
    ("SV-300", "现场培训", "service", "天", 5000, 2200),
]

CITIES = {
    "north": ["北京", "天津", "石家庄", "青岛", "济南", "太原"],
    "east": ["上海", "苏州", "杭州", "南京", "宁波", "无锡", "合肥"],
    "south": ["广州", "深圳", "东莞", "佛山", "厦门", "珠海"],
}

STEMS = [
    "华辰",
    "云图",
    "中科智联",
    "天府",
    "光谷",
    "海信达",
    "长安智能",
    "金龙",
    "滨海",
    "恒力",
    "远景",
    "瑞丰",
    "众诚",
    "嘉泰",
    "启明",
    "博远",
    "鼎盛",
    "新锐",
    "宏图",
    "联创",
]

TRADES = {
    "manufacturing": ["精密制造", "重工机械", "汽车零部件"],
    "electronics": ["电子科技", "半导体", "电气设备"],
    "energy": ["新能源", "电力设备", "储能技术"],
    "medical": ["生物医药", "医疗器械"],
    "logistics": ["供应链", "港口物流"],
    "software": ["信息技术", "软件"],
}

FOREIGN = [
    ("Acme Robotics GmbH", "manufacturing", "east"),
    ("Nordwind Logistics", "logistics", "north"),
    ("Blue Harbor Retail", "other", "south"),
    ("Kestrel Medical", "medical", "south"),
]

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾"

GIVEN = [
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "磊",
    "强",
    "洋",
    "艳",
    "勇",
    "军",
    "杰",
    "娟",
    "涛",
    "明",
    "超",
    "秀英",
    "文博",
    "雨桐",
    "子涵",
    "思远",
    "浩然",
    "欣怡",
    "志强",
    "建国",
    "晓彤",
]

POSITIONS = [
    ("总经理", "decider"),
    ("采购经理", "buyer"),
    ("信息部主任", "influencer"),
    ("生产总监", "decider"),
    ("设备工程师", "user"),
    ("财务总监", "influencer"),
]

TOPICS = [
    "MES 一期",
    "产线改造",
    "仓储升级",
    "设备联网",
    "数据中台二期",
    "年度维保续签",
    "质量追溯",
    "智能工厂规划",
    "视觉检测试点",
    "Annual licence renewal",
]

LINES = {"产线改造": "equipment", "视觉检测试点": "equipment", "设备联网": "equipment", "年度维保续签": "service",
         "智能工厂规划": "service", "Annual licence renewal": "service"}  # fmt: skip

SUBJECTS = {
    "visit": ["现场调研产线", "拜访信息部", "方案汇报", "高层拜访"],
    "call": ["电话跟进预算", "确认招标时间", "了解试点反馈", "约下周拜访"],
    "mail": ["发送方案初稿", "发送报价单", "补充资质文件"],
    "chat": ["微信确认参会人", "同步实施计划"],
    "meeting": ["需求评审会", "技术交流会", "商务谈判"],
}

NEXT = ["约技术交流", "补充方案", "提交报价", "确认预算审批", "安排演示", "跟进合同条款"]

SUMMARIES = [
    "客户现有系统数据分散，月底对账要两天；希望先把产线数据采上来。",
    "看了同行业案例，认可做法，要求补充接口说明和实施计划。",
    "预算已列入明年，采购流程约六周，由设备部牵头。",
    "试点产线运行平稳，停机时间下降，准备向集团汇报。",
    "对分期付款感兴趣，需要财务确认比例。",
]

CHANGES = ["", "", "", "增加移动端审批", "范围缩小到一条产线", "要求年底前上线"]

OBJECTIONS = ["", "", "", "价格偏高", "担心实施周期", "已有供应商", "需要集团审批"]
