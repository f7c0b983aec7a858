"""Words that names are made of. All companies and people are invented; likeness is chance."""

from __future__ import annotations

from dataclasses import dataclass

from heli.crm.demo.chance import Chance
from heli.kernel.pinyin import syllables
from heli.records.fields.creditcode import ALPHABET, check_character

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许邓冯韩曹曾彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任"
    "姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万覃武钱严莫孔向汤"
)
GIVEN = (
    "伟", "芳", "娜", "敏", "静", "丽", "强", "磊", "军", "洋", "勇", "艳", "杰", "娟",
    "涛", "明", "超", "霞", "平", "刚", "桂英", "文博", "志远", "雨桐", "子轩", "浩然", "欣怡", "梓涵",
    "俊杰", "思远", "佳琪", "晓东", "建国", "海燕", "振华", "秀兰", "国栋", "立新", "雅婷", "天宇", "嘉怡", "博文",
    "晨曦", "春梅", "永强", "红梅", "少华", "丹丹", "世杰", "婉清", "景行", "若兰", "一鸣", "书瑶", "宏图", "玉洁",
    "向阳", "乐平", "云飞", "凯旋", "知远", "诗涵", "家豪", "慧敏", "启明", "安琪", "泽宇", "念慈",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class City:
    """A city with its province, districts, dialling code, and the code of its area in company registers."""

    name: str
    province: str
    districts: tuple[str, ...]
    dialling: str
    area: str
    region: str


CITIES = (
    City("上海", "", ("浦东新区", "闵行区", "徐汇区", "嘉定区", "松江区"), "021", "310115", "east"),
    City("杭州", "浙江省", ("西湖区", "滨江区", "余杭区", "萧山区"), "0571", "330108", "east"),
    City("苏州", "江苏省", ("工业园区", "吴中区", "姑苏区"), "0512", "320506", "east"),
    City("南京", "江苏省", ("江宁区", "鼓楼区", "建邺区"), "025", "320115", "east"),
    City("宁波", "浙江省", ("鄞州区", "北仑区"), "0574", "330212", "east"),
    City("合肥", "安徽省", ("蜀山区", "包河区"), "0551", "340104", "east"),
    City("深圳", "广东省", ("南山区", "宝安区", "龙岗区", "福田区"), "0755", "440305", "south"),
    City("广州", "广东省", ("天河区", "黄埔区", "番禺区"), "020", "440106", "south"),
    City("东莞", "广东省", ("松山湖", "南城街道"), "0769", "441900", "south"),
    City("佛山", "广东省", ("南海区", "顺德区"), "0757", "440605", "south"),
    City("厦门", "福建省", ("思明区", "湖里区"), "0592", "350203", "south"),
    City("长沙", "湖南省", ("岳麓区", "雨花区"), "0731", "430104", "south"),
    City("北京", "", ("海淀区", "朝阳区", "丰台区", "大兴区"), "010", "110108", "north"),
    City("天津", "", ("滨海新区", "西青区"), "022", "120111", "north"),
    City("济南", "山东省", ("历下区", "高新区"), "0531", "370102", "north"),
    City("青岛", "山东省", ("市南区", "崂山区"), "0532", "370212", "north"),
    City("石家庄", "河北省", ("长安区", "裕华区"), "0311", "130102", "north"),
    City("沈阳", "辽宁省", ("浑南区", "沈河区"), "024", "210112", "north"),
)

BRANDS_FIRST = "华恒瑞鼎博远中盛天安信诚启宏嘉新海泰卓睿汇智德康凯腾龙云金佳优创联锦"
BRANDS_SECOND = "达源通泽宇科峰辰力维腾盈辉翔诺捷图旭昌元邦拓铭睿丰舟阳迅腾泉林仕乐"
STREETS = ("人民路", "中山路", "科技园路", "创新大道", "建设路", "解放路", "兴业路", "高新南道", "滨河路", "学院路")

TRADES: dict[str, tuple[str, ...]] = {
    "manufacturing": ("精密机械", "智能装备", "自动化设备", "模具", "电气"),
    "technology": ("信息技术", "智能科技", "电子科技"),
    "software": ("软件", "数据科技", "云计算"),
    "medical": ("医疗器械", "生物科技", "医药"),
    "retail": ("商贸", "百货", "连锁超市"),
    "ecommerce": ("电子商务", "跨境贸易", "网络科技"),
    "finance": ("融资租赁", "投资咨询", "保险经纪"),
    "education": ("教育科技", "培训", "文化教育"),
    "logistics": ("物流", "供应链管理", "国际货运"),
    "energy": ("新能源", "电力工程", "光伏科技"),
    "construction": ("建筑工程", "装饰", "置业"),
    "food": ("食品", "餐饮管理", "农业科技"),
    "automotive": ("汽车零部件", "汽车销售服务", "新能源汽车"),
    "services": ("企业管理咨询", "会展服务", "环保科技"),
    "telecommunications": ("通信技术", "网络工程"),
    "entertainment": ("文化传媒", "影视制作"),
}
JOBS = (
    "总经理",
    "副总经理",
    "采购经理",
    "信息总监",
    "生产厂长",
    "财务经理",
    "运营总监",
    "技术经理",
    "行政主管",
    "项目经理",
)
UNITS = ("总经办", "采购部", "信息部", "生产部", "财务部", "运营部", "技术部", "行政部")


def person(chance: Chance) -> str:
    return chance.pick(SURNAMES) + chance.pick(GIVEN)


def username(name: str, taken: set[str]) -> str:
    """Pinyin of a name, with a number when somebody has it already; adds it to `taken`."""
    plain = "".join(syllables(name))
    found, n = plain, 2
    while found in taken:
        found, n = f"{plain}{n}", n + 1
    taken.add(found)
    return found


def mobile(chance: Chance) -> str:
    return chance.pick(("138", "139", "136", "150", "159", "186", "188", "177")) + f"{chance.under(10**8):08d}"


def landline(chance: Chance, city: City) -> str:
    return f"{city.dialling}-{chance.between(2, 8)}{chance.under(10**7):07d}"


def address(chance: Chance, city: City) -> str:
    place = f"{city.province}{city.name}市{chance.pick(city.districts)}"
    return f"{place}{chance.pick(STREETS)}{chance.between(1, 999)}号"


def credit_code(chance: Chance, city: City) -> str:
    """A code of the right shape with a right check character (GB 32100-2015)."""
    first = f"91{city.area}MA" + "".join(chance.pick(ALPHABET) for _ in range(7))
    return first + check_character(first)
