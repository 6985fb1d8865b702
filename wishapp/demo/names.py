"""Invented names: of people (a surname and 测试, so that nobody is meant) and of units and teams."""

SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段"
)
GIVEN = "测试"
LEADING = (
    "青桥", "汇润", "远帆", "和顺", "明泉", "柳岸", "知行", "嘉禾", "云岭", "启明",
        "同泽", "瑞安", "鹊华", "百川", "景行", "安澜", "春晖", "致远", "金穗", "清泉",
    "北辰", "晨光", "惠民", "长风", "弘毅", "思源", "翠屏", "雅和", "乐安", "盛源",
)
# what follows the name: unit kind, kinds of help it gives, yearly wishes, and how far up it belongs
UNITS = (
    ("设计院党支部", "company", ("goods", "repair", "learning"), 6, "city"),
        ("物业服务公司", "company", ("repair", "service", "environment"), 10, "district"),
    ("小学党支部", "school", ("goods", "learning", "companionship"), 8, "district"), ("康复中心", "hospital", ("medical", "service"), 8, "district"),
    ("医院第三党支部", "hospital", ("medical", "goods"), 10, "city"), ("银行支行", "company", ("goods", "service"), 8, "city"),
    ("律师事务所党支部", "new_organisation", ("service", "job", "goods"), 6, "city"), ("建材商行", "company", ("repair", "goods"), 5, "district"),
    ("区直机关党支部", "office", ("goods", "job", "companionship"), 10, "district"),
        ("社会工作服务中心", "association", ("companionship", "service", "learning"), 8, "district"),
    ("供电服务站", "company", ("repair", "service"), 8, "city"), ("图书馆党支部", "office", ("learning", "goods"), 6, "city"),
    ("超市", "company", ("goods", "job"), 12, "district"), ("艺术学校", "school", ("learning", "companionship"), 5, "district"),
    ("家政公司", "company", ("service", "environment"), 8, "district"), ("人力资源公司", "new_organisation", ("job", "goods"), 6, "district"),
    ("园林养护所", "office", ("environment", "repair"), 6, "city"), ("商会", "association", ("goods", "job"), 10, "district"),
    ("研究所党支部", "office", ("goods", "learning"), 6, "province"), ("快递站点", "new_organisation", ("service", "goods"), 5, "district"),
    ("药房", "company", ("medical", "goods"), 8, "district"), ("幼儿园", "school", ("goods", "companionship"), 5, "district"),
    ("中学党总支", "school", ("learning", "goods", "companionship"), 10, "district"), ("眼镜店", "company", ("medical", "goods"), 5, "district"),
    ("汽车服务公司", "company", ("service", "repair"), 5, "district"), ("出版社党支部", "office", ("goods", "learning"), 8, "province"),
    ("饭店", "company", ("companionship", "goods"), 5, "district"), ("养老服务中心", "association", ("service", "companionship", "medical"), 8, "district"),
    ("家电维修部", "company", ("repair", "goods"), 6, "district"), ("摄影协会", "association", ("service", "learning"), 4, "district"),
    ("街道办事处机关支部", "office", ("goods", "service", "environment"), 8, "street"),
        ("科技公司党支部", "new_organisation", ("goods", "learning", "job"), 8, "city"),
    ("水务所", "office", ("repair", "environment"), 6, "city"), ("慈善联合会", "association", ("goods", "medical"), 15, "city"),
    ("便民服务社", "association", ("service", "repair"), 8, "district"), ("书店", "company", ("goods", "learning"), 5, "district"),
    ("职业培训学校", "school", ("job", "learning"), 6, "district"), ("体育俱乐部", "association", ("companionship", "learning"), 4, "district"),
    ("理发店", "company", ("service",), 10, "district"), ("服装厂党支部", "company", ("goods", "job"), 10, "district"),
)
TEAMS = (
    ("暖邻理发队", ("service",), ("haircut",)), ("小扳手维修队", ("repair",), ("electrics", "plumbing", "carpentry", "appliances")),
    ("陪伴聊天队", ("companionship",), ("counselling",)), ("清洁家园队", ("environment", "service"), ("cleaning",)),
    ("红十字护理队", ("medical", "service"), ("nursing", "medicine")), ("课后辅导队", ("learning",), ("tutoring", "calligraphy")),
    ("银发助餐队", ("service", "companionship"), ("cooking",)), ("爱心车队", ("service", "companionship"), ("driving",)),
    ("手机课堂队", ("service", "learning"), ("smartphone",)), ("法律义诊队", ("service", "job"), ("law",)),
    ("光影摄影队", ("service",), ("photography",)), ("搬家帮手队", ("service", "environment"), ()), ("巧手缝补队", ("service",), ("sewing",)),
    ("文艺轻骑队", ("companionship", "learning"), ("music",)), ("物资募集队", ("goods",), ()), ("巡逻守望队", ("environment", "repair"), ("electrics",)),
)


def person(number: int) -> str:
    """Name of invented person `number`."""
    return SURNAMES[number % len(SURNAMES)] + GIVEN


def phone(number: int) -> str:
    """A telephone number that is obviously nobody's: 1380000 and four digits."""
    return f"1380000{number % 10_000:04d}"


def units(count: int) -> list[tuple]:
    """`count` different units: (name, kind, kinds of help, wishes a year, level)."""
    found = []
    for number in range(count):
        ending, *facts = UNITS[(number + number // 120) % len(UNITS)]  # 30 and 40 meet again after 120: then one step aside
        found.append((LEADING[number % len(LEADING)] + ending, *facts))
    return found


def team(number: int, community: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """Team `number` of a community: (name, kinds of help, skills)."""
    name, helps, skills = TEAMS[number % len(TEAMS)]
    return f"{community.removesuffix('社区')}{name}", helps, skills
