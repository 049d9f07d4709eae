"""Load the sample district that ships with the product, once, and compute what the map shows first."""

from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

from gis.layers import ReadOptions
from webmap.auth.passwords import one_time_password
from webmap.auth.permissions import Grant
from webmap.console import Console
from webmap.forecasts import ForecastQuestion, is_fresh, kept
from webmap.forecasts import make as make_forecast
from webmap.imports import import_file
from webmap.plan_life import publish
from webmap.planning import PlanRequest, make_plan
from webmap.services import Services
from webmap.store import LOCAL_OPERATOR

SAMPLE = (
    ("areas", "areas.geojson"),
    ("streets", "streets.geojson"),
    ("buildings", "buildings.geojson"),
    ("places", "places.csv"),
    ("cameras", "cameras.csv"),
    ("incidents", "incidents.csv.gz"),
)
"""The shipped layers in the order of import: points are located in the areas, so those come first."""

DEMO_ACCOUNT = "demo"

SETTINGS = {
    "name_zh": "乌达区",
    "name_en": "Wuda District",
    "code": "150304000000",
    "zone": "Asia/Shanghai",
    "notice_zh": "示例数据:名称与代码为真实,边界、道路、建筑、摄像机、场所与事件均为模拟",
    "notice_en": "Sample data: names and codes are real; outlines, streets, buildings, cameras, places and incidents are simulated",
}


def sample_folder() -> Path:
    """Where the sample layers lie: inside the installed package, or in the checkout's ``data/layers``."""
    packaged = Path(str(files("webmap"))) / "sample"
    return packaged if packaged.is_dir() else Path(str(files("webmap"))).parent / "data" / "layers"


def prepare_demo(
    services: Services, console: Console, *, live: bool = False, compiled: Callable[[], object] | None = None
) -> None:
    """Import the sample if the store does not hold it yet, warm the kernels, plan tonight's patrol, and forecast the week.

    Parameters
    ----------
    live
        With cases of the last days, the side desks and a key area.
    compiled
        Returns when the search of plans is compiled, where another process does that; else it is compiled here.
    """
    if not services.store.settings.get("sample_loaded"):
        services.store.save_settings(SETTINGS, now=services.clock())
        for kind, name in SAMPLE:
            console.say(f"导入 {name} ...", f"Importing {name} ...")
            with console.progress(name) as progress:
                import_file(
                    services,
                    sample_folder() / name,
                    kind,
                    viewer=LOCAL_OPERATOR,
                    options=ReadOptions(datum="wgs84", lang=console.lang),
                    progress=progress,
                )
        services.store.save_settings({"sample_loaded": "yes"}, now=services.clock())
    services.warm(console.say)
    if compiled is not None:
        console.say("编译路线搜索(仅首次)...", "Compiling the search of plans (the first time only) ...")
        compiled()
    _plan_tonight(services, console)
    if live:
        _live(services, console)
    # Last: a case is a report, and a forecast made before it would open as out of date.
    _forecast_week(services, console)
    _demo_account(services, console)


def _live(services: Services, console: Console) -> None:
    # They take the sample's folder from here.
    from webmap.sample_cases import load_cases
    from webmap.sample_key_areas import load_key_area
    from webmap.sample_side import load_side_desks

    console.say("生成示例事件 ...", "Making the cases of the sample ...")
    load_cases(services)
    load_side_desks(services)
    load_key_area(services)


def _forecast_week(services: Services, console: Console) -> None:
    known = kept(services, LOCAL_OPERATOR, ForecastQuestion("week"))
    if known is not None and is_fresh(services, known):
        return
    console.say("预测未来七天 ...", "Forecasting the seven days to come ...")
    with console.progress("forecast") as progress:
        make_forecast(services, LOCAL_OPERATOR, ForecastQuestion("week"), progress=progress)


def _plan_tonight(services: Services, console: Console) -> None:
    tonight = services.today()
    if services.store.plans.latest(LOCAL_OPERATOR, date=tonight.isoformat(), shift="night") is not None:
        return
    console.say("排今晚的巡逻方案 ...", "Planning tonight's patrol ...")
    last = services.date_range(LOCAL_OPERATOR)
    request = PlanRequest(day=tonight, shift="night", teams=6, demand_until=last.until if last else None)
    with console.progress("patrol") as progress:
        plan = make_plan(services, request, viewer=LOCAL_OPERATOR, progress=progress)
    publish(services, plan["id"], viewer=LOCAL_OPERATOR)


def _demo_account(services: Services, console: Console) -> None:
    """A supervisor's account with a password that works once; another one as long as nobody has used it."""
    known = {user.name: user for user in services.store.users.list()}
    if known and (DEMO_ACCOUNT not in known or not known[DEMO_ACCOUNT].must_change):
        return
    password, now = one_time_password(), services.clock()
    if DEMO_ACCOUNT in known:
        services.store.users.set_password(DEMO_ACCOUNT, password, viewer=LOCAL_OPERATOR, now=now)
    else:
        grants = [Grant("supervisor"), Grant("planner")]
        services.store.users.add(
            DEMO_ACCOUNT, password=password, viewer=LOCAL_OPERATOR, now=now, grants=grants, must_change=True
        )
    console.say(
        f"登录账号:{DEMO_ACCOUNT}  一次性密码:{password}(首次登录后须修改)",
        f"Account: {DEMO_ACCOUNT}  one-time password: {password} (to be changed at the first sign-in)",
    )
