"""Planted complaints in the style of 12345 work orders, written for this test; nobody in them exists.

Two sets of patterns: ``known``, beside which the masks were written, and ``held_out``, written after them and never used to mend them. The
second tells more. ``innocent`` sentences hold no personal data, but much that looks like it. Names are drawn from lists of their own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_COMMON = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
_RARE = "闫付代栗荆苟郗麻逯庹冀晏佘乜"
_GIVEN = (
    "英华玉秀明珍文芳兰国春红丽桂金平军海梅志小建荣云林永生凤龙伟燕德清福萍东晓正美新民光玲成香学淑强艳杰慧霞静敏娜超俊勇波飞涛鹏辉磊洋亮刚斌宁宇浩婷雪琴莲菊翠彩月娟娥花巧爱忠义仁礼信孝良善"
    "喜庆祥瑞根宝贵财旺富发有才全顺利和安康泰昌盛隆茂森树柏松青山川江河湖波润泽子涵轩梓浩然博雅思雨欣怡佳琪诗语嘉懿铭熙睿哲泽昊宸奕辰依诺可馨若曦钰滢雯倩薇莎蓓莉"
    "卫革援朝跃抗美三四大小妞丑臭狗石柱栓牛满囤"
)
_MORE_GIVEN = _GIVEN + "翰骁翊桢沅苒朵葵岚禾笙澈栩晗璟弈舒黛棠柠畅晶炳焕堂厚坤乾魁彪汉京港生根保成仓虎羊鸡云霄璇"
_MONGOL = (
    "巴特尔",
    "其其格",
    "乌云其其格",
    "斯琴高娃",
    "那日苏",
    "苏日娜",
    "萨仁图雅",
    "道尔吉",
    "阿拉腾花",
    "呼和巴雅尔",
    "孟和",
    "青格勒图",
    "乌力吉",
    "特日格乐",
    "包玉兰",
    "白音仓",
)
_DOTTED = ("阿依古丽·买买提", "古丽娜尔·吐尔逊", "艾山·卡德尔", "热合曼·阿不都")
_PLACES = (
    "滨海社区",
    "泽园小区",
    "团结北路",
    "新达佳苑",
    "黄白茨社区",
    "乌兰淖尔体育园",
    "万丰批发市场",
    "永昌佳苑",
    "巴音赛街道",
    "胜利社区",
    "滨河东路",
    "建设路",
)
_COMPOUNDS = ("泽园小区", "新达佳苑", "永昌佳苑", "颐景佳苑", "谱翔A区", "安居佳苑", "泽园新村", "昌达家园")


@dataclass(frozen=True)
class Complaint:
    """A sentence and where its personal values stand: kind, start, end."""

    text: str
    planted: tuple[tuple[str, int, int], ...]


KNOWN = """
市民<name.titled>先生来电反映,<place>垃圾桶满溢三天无人清运,联系电话<phone.mobile>。
<name.titled>女士称家住<compound><b>号楼<b>单元<room.suffix>室,楼上漏水。
来电人:<name.labelled>,电话:<phone.mobile>,反映<place>路灯不亮。
联系人:<name.labelled> 手机 <phone.spaced> 地址:<compound><b>栋<b>单元<room.suffix>
业主<name.role>反映物业不作为,多次拨打物业电话无人接听。
我叫<name.labelled>,身份证号<id>,申请低保一直没有结果。
车主将车牌为<plate>的小轿车停在消防通道上。
市民反映<plate>长期占用<place>盲道,请交警处理。
<name.bare>和<name.bare>因停车发生口角,社区已调解。
投诉人<name.labelled>表示已向街道反映过,回复邮箱<mail>。
请联系<name.bare>,<phone.dashed>,晚上八点以后勿打扰。
微信号<chat.wx>,可以加微信发现场照片。
QQ<chat.qq>,请发送处理结果。
退款请转到银行卡<card>,户名<name.labelled>。
居民<name.role>称隔壁邻居每天深夜打麻将扰民。
网格员<name.role>到现场核实,情况属实。
<name.titled>师傅修车时把机油倒进下水道。
<name.post>主任答复本周解决,至今没有动静。
住<compound><b>-<b>-<room.hyphen>,暖气不热,室温只有十四度。
<compound><b>号楼<room.plain>卫生间反水,物业推诿。
固定电话<phone.landline>,白天家里有人。
老人姓<name.surname>,独居,子女在外地。
<name.mou>某在<place>摆摊卖菜,占道经营。
当事人<name.mongol>反映草场围栏被推倒。
<name.dotted>咨询居住证办理流程,电话<phone.full>。
手机幺<phone.hanzi>,请尽快回电。
平房区<b>排<room.row>门前积水,老人出行不便。
姓名:<name.labelled> 性别:男 证件号码:<id> 诉求:补办社保卡
其儿子<name.role>在<place>被无牌摩托车撞伤,肇事者逃逸。
楼上<b>楼<room.side>装修噪音大,影响孩子上网课。
<name.titled>大爷每天在单元门口晾晒被褥,<name.titled>阿姨意见很大。
电话<phone.starred>的用户多次来电催办。
户主<name.labelled>(电话<phone.mobile>)家的燃气表走得快。
<phone.mobile>,<name.labelled>,要求查看监控。
由<name.bare>负责对接,<name.bare>配合。
他姓<name.surname>,在<place>开超市。
本人<name.titled>小姐,于上周五在<place>丢失电动车一辆,盼复,<phone.mobile>。
诉求人<name.labelled>来电,其父亲<name.role>瘫痪在床,申请适老化改造。
反映人:<name.labelled>(女) 联系方式:<phone.dotted> 反映内容:井盖缺失。
<name.bare>投诉<place>烧烤店油烟直排。
<name.bare>于昨日二十时许在<place>滑倒,现要求养护单位给说法。
白色越野车,号牌<plate>,司机态度恶劣,辱骂老人。
车号<plate.loose>的面包车天天在校门口掉头。
我是<compound>的<name.labelled>,想问棚改什么时候动迁。
邻居<name.role>家养了三条大狗,不牵绳。
租住在<compound><b>号楼<b>单元<room.suffix>号房的租客群租,隔断有安全隐患。
<compound><b>座<room.suffix>室油烟机管道直排楼道。
<compound><b>幢<b>门<room.plain>堆放纸箱,请消防部门检查。
门牌<b>#<room.hash>,户内电表箱冒火花。
水费一直由<name.bare>代交,收据上写的却是<name.bare>。
证件<id.spaced>,请核实我的养老认证。
旧身份证<id.old>还能不能用?
打我座机<phone.landline>转3或者手机<phone.spaced>都可以。
联系手机:<phone.full>(微信同步)。
薇信<chat.wx>,照片太多,这里传不上。
把押金退到我支付宝<chat.ali>就行。
卡号<card>,开户人<name.labelled>,请核对补贴。
邮件请发<mail>,谢谢。
经<name.bare>、<name.bare>两位住户证明,噪声来自地下泵房。
<name.post>书记上次入户时答应装扶手。
找了<name.post>经理三回,都说在走流程。
<name.titled>老师补课收费,每人每月八百。
被告知需要<name.bare>本人到场签字。
牧民<name.mongol>称其羊群被过往货车撞死两只。
<name.mongol>女士反映公厕没有残疾人扶手。
<name.dotted>女士在<place>开干果店,反映停电。
大家都叫他老<name.nick>,在<place>修鞋。
<name.nick2>家的墙把我家的路挡死了。
签收人写的是<name.labelled>,但我们没收到货。
<name.mou>某某酒后砸坏单元门禁。
收件信息:<name.bare>,<phone.mobile>,<compound><b>号楼<b>单元<room.suffix>。
请叫<name.bare>回个电话,号码后四位<phone.tail>。
二号楼<room.hanzi>室的住户半夜剁馅,震得吊灯晃。
四排<room.row2>院墙外倾,随时可能倒。
物业收费员<name.bare>态度生硬,拒绝出示收费依据。
死者家属<name.role>对事故认定书有异议。
联系方式 一<phone.hanzi> 随时可接。
尾号<phone.tail>的机主反复来电,情绪激动,诉称<place>网吧接纳未成年人。
患者<name.role>在卫生服务站输液后出现红疹,家属<name.role>要求封存药品。
受理员您好,我儿媳妇<name.free>产假工资被扣,公司财务<name.free>说是规定。
<name.free>,男,五十岁上下,穿灰夹克,昨晚从养老院走失。
经查,欠薪人员包括<name.free>、<name.free>、<name.free>等七人。
工程款至今没给,包工头<name.free>电话<phone.mobile>打不通。
房产证上是我和<name.free>两个人的名字。
咨询人<name.free>女士;咨询内容:异地医保备案;回访号码:<phone.spaced>
网约车司机绕路,车牌<plate>,订单里显示<name.titled>师傅。
一辆银灰色捷达(<plate>)堵了车库口三天。
楼道里堆的柜子是<room.suffix>室<name.titled>家的,劝了几次都不搬。
<compound>二期<b>号楼<b>单元<room.suffix>住户高空扔酒瓶,差点砸到人。
送奶箱在<compound><b>-<b>-<room.hyphen>门口,被撬了。
我家是<b>号楼<room.plain>,顶楼,一下雨就漏。
自建房<b>组<room.row>后墙开裂。
退费账户:<card>(<name.labelled>),开户行在<place>。
对方要我加QQ号<chat.qq>转账,感觉是诈骗。
微信<chat.wx>卖假烟,请烟草部门查处。
户口本丢了,证号<id>,想补一本。
身份证:<id.spaced>,姓名<name.labelled>,残疾等级鉴定。
发邮件到<mail>没人回。
座机是<phone.landline>,上班时间都在。
留言人:<name.labelled>;留言电话:<phone.dashed>;事由:噪声。
村支书<name.free>把低保名额给了亲戚<name.free>。
<name.free>占了公共绿地种菜,物业不敢管。
<name.free>老师布置作业太多,孩子写到半夜。
报警后出警的是<name.post>警官,处理得很好,想送锦旗。
感谢<name.post>站长和环卫工<name.free>,帮忙找回了钱包。
姓<name.surname>的那户天天敲墙。
摊主<name.mou>某缺斤短两,拒不退款。
牧户<name.mongol>家的井干了,想申请打井。
<name.mongol>的草场与邻居有争议。
店主<name.dotted>说垃圾费收了两遍。
租客叫<name.free>,押一付三,合同没到期就被赶。
乘客投诉:司机(工牌名<name.free>)边开车边打电话。
老<name.nick>家和老<name.nick>家为了滴水檐吵起来了。
调解协议由<name.free>与<name.free>签字确认。
孩子在<place>幼儿园被<name.free>的孩子抓伤。
物业主管<name.free>答复说维修基金不够。
我的号幺<phone.hanzi>,随时打。
外教<name.latin>上课迟到,机构不给换。
号码是一三八,后面<phone.split>。
就住十二楼<room.words>那家,天天半夜拖椅子。
"""

INNOCENT_KNOWN = """
居民反映<place>高度超限的货车夜间通行,噪声严重。
市民咨询公积金提取流程,请告知办理地点和时间。
业主张贴的通知被撕,物业管理混乱。
施工师傅夜间浇筑,已持续三天。
<place>井盖破损,井盖编号<code>,请尽快更换。
网格150304101001001内有两处积水,面积约30平方米。
工单编号<long>,办理时限为7个工作日。
拨打12345、110、119均可反映。
2026-11-28 10:30,<place>路口信号灯故障。
该小区共12栋,每栋3个单元,18层,合计1296户。
单位的电话一直占线,请公布其他渠道。
物业的电话无人接听,居委会的电话也打不通。
老人安全意识不强,建议加装扶手。
任何人不得占用消防通道。
万达广场南侧停车场收费标准不清。
方便面调料包散落一地,<place>保洁不到位。
建设路138号门前树枝遮挡路灯。
李家庄、王家湾、张家口三地的班车何时恢复?
李师傅拉面馆门口油污多,王婆大虾门前占道。
金华路与康宁街交叉口红灯时间太短。
路面塌陷深约1.5米,宽2.3米,已设围挡。
水管师傅说要换阀门,物业不出钱。
马上入冬,暖气管网还没检修。
车主应当将车辆停放在划线车位内。
每月物业费1350元,三年合计48600元。
关于加强单元门管理的建议。
项目名称:老旧小区改造,资金来源:中央补助。
设备编码15030400001320000102离线两天。
请路政部门处理<place>护栏。
周围居民意见很大,时常听到机器轰鸣。
温度低于十六度,要求供热公司按天退费。
时间为每天22:00至次日6:00,分贝超过65。
高层消防水压不足,3号楼18层末端试水压力0.05兆帕。
单车乱停,共享单车约40辆堵住地铁口。
常见病用药报销比例是多少?
任务派发后无人响应,平台显示办理中。
黄河大桥桥面接缝跳车。
陈旧线路老化,雷雨天跳闸。
古树名木保护牌丢失,树龄约120年。
司机师傅都反映加油站油枪跳枪。
公交师傅不等人就关门。
房东阿姨们在楼下跳舞,音响太大。
白天没人,晚上扰民,请安排夜查。
简单修补后又坑洼,连续三年都这样。
方向标志牌与实际不符,易误导。
和平街、文化路、胜利路交会处常年积水。
康乐小区东门北侧50米有裸露电缆。
李宁专卖店、张小泉剪刀店门前广告牌松动。
孔子学堂招生宣传涉嫌夸大。
雷锋广场喷泉漏电。
快递单号<long>,派件延误五天。
统一社会信用代码91150304MA0N1ABC2X的企业排污。
坐标106.713812,39.502345附近有坍塌。
投资1380000元,工期180天,合同编号HT-2026-0138。
热线0473区号是否变更?
客服4008101234、95598均已拨打。
第3季度12-3批次抽检不合格。
二十一栋至二十五栋停水,共4个单元。
2号楼3单元电梯停运,1至6层老人下不来。
一楼大厅东侧卫生间漏水。
向社区反映过三次,向物业反映过五次。
严重影响居民休息,严禁夜间施工。
金先生烧饼、老王修车行无照经营。
请卫生部门检查,请石油公司回复。
武术学校操场尘土飞扬。
关门时间太早,关停原因不明。
游泳馆水质差,成年人与儿童混用浴区。
停水通知没贴出来,谁家都没接到。
任意加价,没有明码标价,小票上写着48.5元。
文明城市检查期间临时清扫,过后照旧。
万一起火,消防车根本进不去。
连着下了三天雨,地下车库积水20厘米。
<place>公交站牌被撞歪,站牌号<code>。
江水倒灌,河道内垃圾成片。
常住人口多,停车位只有120个。
安全帽都没戴,工地围挡也没有。
古树被剥皮,树干上钉了铁钉。
石材厂切割扬尘,水直接排进渠里。
路北侧人行道砖松动,踩上去溅一身泥。
白天施工可以理解,午休时间也不停。
陈旧性裂缝,不是新裂的。
孔雀园门票涨到80元,没有公示。
申请加装电梯,全楼24户有20户同意。
单号单日双号双日限行吗?
项目部答复工期还剩45天。
水表编号<code>,读数00384。
黄牌大货车超载,压坏路面。
解放路与建国路口信号灯配时不合理。
国庆、春节期间正常营业吗?
平安大街南延段何时通车?
秦皇岛路、武汉路路名牌颠倒。
马家沟煤矿塌陷区还要不要回填?
杨树飞絮严重,柳树也一样。
钱塘江路公厕停用半年。
张贴小广告的电话打过去是空号。
高中部食堂饭菜涨价。
温泉水质发黄,建议检测。
牛奶过期三天还在卖。
宁可绕路也不走这条街,太黑。
车号识别系统坏了,出口排队。
公司注册号150303000012345,冒用地址。
发票代码015002000104,号码12345678。
3-5-2版本的小程序打不开。
左右两侧都停满了,救护车过不去。
周边商户一致要求恢复夜市。
申诉被驳回,没有书面理由。
"""

HELD_OUT = """
补录:诉求方<name.free>,回访时间下午,机主号<phone.mobile>,暂住<compound><b>号楼<b>单元<room.suffix>室。
妻子<name.free>怀孕七个月,楼下饭馆油烟熏得没法住。
工单附言:与<name.free>核实无误,可直接答复。
学生<name.free>和<name.free>在操场被网球机砸伤,学校没给说法。
快件被放在驿站,取件人<name.free>,手机尾号<phone.tail>。
原房主<name.free>没有缴清取暖费,现在不给我过户。
一辆<plate>大挂车压坏了路沿石,监控拍到了。
冒充银行客服的人报出了我的卡号<card>和姓名。
孩子身份证号<id>录错一位,入学报名系统过不去。
<name.free>欠我三万块货款,躲着不见。
想问问<name.titled>大夫哪天坐诊。
我爸<name.free>今年八十二,退休金认证怎么办?
按门铃的是自称<name.free>的推销员,硬要进屋量尺寸。
今天办事窗口的<name.post>科长非常耐心,提出表扬。
车主电话<phone.spaced>,车是白色的,<plate>。
事发时在场的有<name.free>、<name.free>,都能作证。
业委会成员<name.free>私刻公章,候选人名单也没公示。
住<compound>的<name.titled>阿姨家水管爆了,没人修。
<compound><b>栋<room.suffix>室长期空置,窗户被风刮掉。
老房子在<b>排<room.row>,电线老化打火。
有事打<phone.landline>找<name.free>。
加我微信<chat.wx>发定位。
往<mail>发过三封信。
举报<name.free>非法行医,地点在<place>后巷。
牧民<name.mongol>与<name.mongol>因水井轮流使用起纠纷。
户籍民警<name.free>下户时登记过。
残疾人<name.free>的轮椅坡道被堵。
<name.free>家的狗又咬人了,这是第三回。
该店老板娘姓<name.surname>,态度蛮横。
判决书写明由<name.free>赔偿<name.free>一万二,至今没给。
"""

INNOCENT_HELD_OUT = """
供热管网打压试水时间是哪天?
小广告贴满单元门,清了又贴。
绿化带里的冬青被踩秃了。
夜市摊位收费不透明,每个摊位收1200元。
高压线离窗户不到三米,担心安全。
河堤护栏缺失约15米,孩子常去玩水。
学校门口上下学时段拥堵。
连续降雨,山体有滑坡迹象。
燃气表读数异常,上月45方,本月178方。
农贸市场鱼摊污水横流。
公厕晚上九点就锁门。
路边停车收费员不开票。
水费单显示欠费236.8元,与实际不符。
工单20261128000123456超期未办。
广场舞音响改到晚七点至八点半可以接受。
江边步道灯带全灭。
白石头路段限速牌被树挡住。
安置房钥匙迟迟不发。
万里大造林宣传车扰民。
金属回收站切割噪声。
中小学课后服务怎么收费?
时代广场三楼扶梯停运。
龙舟赛期间交通管制公告在哪查?
康复中心无障碍卫生间上锁。
温差大,墙面开裂。
文化站图书很旧,没有更新。
祝福活动彩旗遮挡信号灯。
陈列馆周一闭馆吗?
毛巾厂旧址围墙倾斜。
单排双向车道变四车道的方案何时公示?
"""


def complaints(kind: str, count: int, rng: np.random.Generator) -> list[Complaint]:
    """So many sentences of a set: ``known``, ``held_out``, ``innocent_known`` or ``innocent_held_out``; every pattern in turn."""
    patterns = {
        "known": KNOWN,
        "held_out": HELD_OUT,
        "innocent_known": INNOCENT_KNOWN,
        "innocent_held_out": INNOCENT_HELD_OUT,
    }
    lines = patterns[kind].strip().splitlines()
    return [_filled(lines[each % len(lines)], rng) for each in range(count)]


def _filled(pattern: str, rng: np.random.Generator) -> Complaint:
    text, planted = "", []
    for part in re.split(r"(<[a-z0-9_.]+>)", pattern):
        if not part.startswith("<"):
            text += part
            continue
        slot = part[1:-1]
        value = _value(slot, rng)
        kind, _, detail = slot.partition(".")
        if kind in ("name", "phone", "id", "plate", "mail", "chat", "card", "room"):
            planted.append((f"{kind}.{detail}" if detail else kind, len(text), len(text) + len(value)))
        text += value
    return Complaint(text, tuple(planted))


def _value(slot: str, rng: np.random.Generator) -> str:
    kind, _, detail = slot.partition(".")
    match kind:
        case "name":
            return _name(detail, rng)
        case "phone":
            return _phone(detail, rng)
        case "id":
            return _id(detail, rng)
        case "plate":
            gap = str(rng.choice(["", "", "·", " "]))
            letters = "".join(rng.choice(list("ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"), 4)) + str(rng.integers(10))
            green = str(rng.choice(["", "", "D", "F"]))
            plate = f"{'' if detail == 'loose' else '蒙'}{rng.choice(list('ABCDE'))}{gap}{green}{letters}"
            return plate.lower() if rng.random() < 0.15 else plate
        case "mail":
            return f"{rng.choice(['wx', 'li.ming', 'zhang_88', 'a1b2'])}{rng.integers(1000)}@{rng.choice(['qq.com', '163.com', 'mail.example.cn'])}"
        case "chat":
            number = str(rng.integers(10_000, 9_999_999_999))
            return number if detail == "qq" else f"{rng.choice(['wxid_', 'abc-', 'zh'])}{rng.integers(10_000, 999_999)}"
        case "card":
            body = "62" + "".join(map(str, rng.integers(0, 10, int(rng.choice([13, 16])))))
            digits = body + str(_luhn_check(body))
            return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4)) if rng.random() < 0.3 else digits
        case "room":
            return _room(detail, rng)
        case "place":
            return str(rng.choice(_PLACES))
        case "compound":
            return str(rng.choice(_COMPOUNDS))
        case "code":
            return f"YS{rng.integers(10**7, 10**8)}"
        case "long":
            return f"2026{rng.integers(10**11, 10**12)}"
        case _:
            return str(rng.integers(1, 20))


def _surname(rng: np.random.Generator) -> str:
    return str(rng.choice(list(_RARE))) if rng.random() < 0.06 else str(rng.choice(list(_COMMON)))


def _given(rng: np.random.Generator, characters: str = _GIVEN) -> str:
    return "".join(rng.choice(list(characters), 1 if rng.random() < 0.25 else 2))


def _name(detail: str, rng: np.random.Generator) -> str:
    match detail:
        case "titled":
            return _surname(rng) + (_given(rng) if rng.random() < 0.3 else "")
        case "post" | "surname" | "nick":
            return _surname(rng)
        case "nick2":
            return str(rng.choice(["老", "小"])) + _surname(rng)
        case "mou":
            return _surname(rng)
        case "mongol":
            return str(rng.choice(_MONGOL))
        case "dotted":
            return str(rng.choice(_DOTTED))
        case "latin":
            return str(rng.choice(["Michael", "Anna Smith", "Wang Xiaoming"]))
        case "free":
            return _surname(rng) + _given(rng, _MORE_GIVEN)
        case _:
            return _surname(rng) + _given(rng)


def _digits(count: int, rng: np.random.Generator) -> str:
    return "".join(map(str, rng.integers(0, 10, count)))


def _phone(detail: str, rng: np.random.Generator) -> str:
    number = "1" + str(rng.choice(list("3456789"))) + _digits(9, rng)
    groups = (number[:3], number[3:7], number[7:])
    match detail:
        case "spaced":
            return " ".join(groups)
        case "dashed":
            return "-".join(groups)
        case "dotted":
            return ".".join(groups)
        case "full":
            return number.translate({ord("0") + each: "０１２３４５６７８９"[each] for each in range(10)})
        case "hanzi":
            return "".join("零一二三四五六七八九"[int(each)] for each in number[1:])
        case "landline":
            return f"{rng.choice(['0473-', '(0473)', '0473 ', '0473'])}{rng.integers(2_000_000, 8_999_999)}"
        case "starred":
            return f"{number[:3]}****{number[7:]}"
        case "tail":
            return number[7:]
        case "split":
            return number[3:]
        case _:
            return number


def _id(detail: str, rng: np.random.Generator) -> str:
    born = f"{rng.integers(1940, 2010)}{rng.integers(1, 13):02d}{rng.integers(1, 29):02d}"
    area = f"1503{rng.integers(1, 5):02d}"
    if detail == "old":
        return f"{area}{rng.integers(40, 99)}{born[4:]}{_digits(3, rng)}"
    body = area + born + _digits(3, rng)
    number = body + "10X98765432"[sum(int(d) * w for d, w in zip(body, _WEIGHTS, strict=True)) % 11]
    return f"{number[:6]} {number[6:14]} {number[14:]}" if detail == "spaced" else number


def _room(detail: str, rng: np.random.Generator) -> str:
    number = f"{rng.integers(1, 30)}0{rng.integers(1, 5)}"
    match detail:
        case "row" | "row2":
            return f"{rng.integers(1, 30)}号"
        case "words":
            return str(rng.choice(["左手第二家", "电梯口对面"]))
        case "side":
            return str(rng.choice(["东户", "西户", "中户"]))
        case "hanzi":
            return "".join("零一二三四五六七八九"[int(each)] for each in number)
        case _:
            return number


def _luhn_check(body: str) -> int:
    doubled = sum(each - 9 * (each > 9) for each in (int(d) * 2 for d in body[::-2]))
    return -(doubled + sum(int(d) for d in body[-2::-2])) % 10


def outcomes(made: list[Complaint], spans: list[list[tuple[int, int]]]) -> Iterator[tuple[str, bool]]:
    """Each planted value's kind and whether no character of it is left."""
    for complaint, found in zip(made, spans, strict=True):
        covered = {at for start, end in found for at in range(start, end)}
        for kind, start, end in complaint.planted:
            yield kind, all(at in covered for at in range(start, end))


def false_masks(made: list[Complaint], spans: list[list[tuple[int, int]]]) -> int:
    """Masks that touch nothing planted."""
    count = 0
    for complaint, found in zip(made, spans, strict=True):
        personal = {at for _, start, end in complaint.planted for at in range(start, end)}
        count += sum(personal.isdisjoint(range(start, end)) for start, end in found)
    return count
