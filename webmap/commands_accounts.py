"""``wangge user``: accounts and grants, by the local operator of this machine.

It parses and prints; the rules are those of ``webmap.store.users``. A password is read from stdin or made here, never
taken from the command line, where every other user of the machine could read it.
"""

import sys
from typing import TYPE_CHECKING, Any

import click

from gis.errors import InputError
from webmap.command import DONE, shared
from webmap.console import Console

if TYPE_CHECKING:
    from webmap.store.users import User


@click.group()
def user() -> None:
    """账号 / accounts."""


_role = click.option("--role", required=True, help="角色 / role, such as viewer, supervisor, auditor")
_area = click.option("--area", default="", help="区域编码 / area code [全区 the whole district]")
_password_stdin = click.option("--password-stdin", is_flag=True, help="从标准输入读密码 / read the password from stdin")


@user.command(name="add")
@click.argument("name")
@click.option("--display", default="", help="显示姓名 / name for others to read")
@_role
@_area
@_password_stdin
@shared
def user_add(console: Console, name: str, display: str, role: str, area: str, password_stdin: bool) -> int:
    """新建账号 / make an account, with a one-time password unless one is given."""
    from webmap.auth.permissions import Grant
    from webmap.store import LOCAL_OPERATOR

    password = _password(name, password_stdin)
    with console.open() as services:
        made = services.store.users.add(
            name,
            password=password,
            display=display,
            grants=[Grant(role, area)],
            must_change=not password_stdin,
            viewer=LOCAL_OPERATOR,
            now=services.clock(),
        )
    _told(console, made.name, "" if password_stdin else password, zh="已新建账号", en="Made the account")
    return DONE


@user.command(name="list")
@shared
def user_list(console: Console) -> int:
    """列出账号 / list the accounts."""
    with console.open() as services:
        users = services.store.users.list()
    lines = [_line(console, each) for each in users] or [console.text("还没有账号", "There are no accounts yet")]
    text = "\n".join(lines)
    console.result([_as_dict(each) for each in users], zh=text, en=text)
    return DONE


@user.command(name="disable")
@click.argument("name")
@click.option("--undo", is_flag=True, help="重新启用并解除锁定 / open it again and lift its lock")
@shared
def user_disable(console: Console, name: str, undo: bool) -> int:
    """停用账号并结束其会话 / disable an account and end its sessions."""
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        change = services.store.users.enable if undo else services.store.users.disable
        changed = change(name, viewer=LOCAL_OPERATOR, now=services.clock())
    data = {"name": name, "disabled": not undo, "changed": changed}
    console.result(
        data, zh=f"账号 {name} {'已启用' if undo else '已停用'}", en=f"{name}: {'open' if undo else 'disabled'}"
    )
    return DONE


@user.command(name="password")
@click.argument("name")
@_password_stdin
@shared
def user_password(console: Console, name: str, password_stdin: bool) -> int:
    """重设密码并结束其会话 / give an account another password and end its sessions."""
    from webmap.store import LOCAL_OPERATOR

    password = _password(name, password_stdin)
    with console.open() as services:
        services.store.users.set_password(
            name, password, viewer=LOCAL_OPERATOR, now=services.clock(), must_change=not password_stdin
        )
    _told(console, name, "" if password_stdin else password, zh="已重设密码", en="New password for")
    return DONE


@user.command(name="oidc")
@click.argument("name")
@click.argument("subject")
@shared
def user_oidc(console: Console, name: str, subject: str) -> int:
    """绑定统一身份认证的用户(签发方#sub),空则解绑 / bind to a person of the identity provider (issuer#sub)."""
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        services.store.users.set_oidc(name, subject, viewer=LOCAL_OPERATOR, now=services.clock())
    _told(console, name, "", zh="已绑定" if subject else "已解绑", en="Bound" if subject else "Unbound")
    return DONE


@user.command(name="grant")
@click.argument("name")
@_role
@_area
@shared
def user_grant(console: Console, name: str, role: str, area: str) -> int:
    """授予角色 / give an account a role."""
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        changed = services.store.users.grant(name, role, area, viewer=LOCAL_OPERATOR, now=services.clock())
    data = {"name": name, "role": role, "area": area, "changed": changed}
    console.result(data, zh=f"{name}:{role} {area or '全区'}", en=f"{name}: {role} {area or 'whole district'}")
    return DONE


@user.command(name="revoke")
@click.argument("name")
@_role
@_area
@shared
def user_revoke(console: Console, name: str, role: str, area: str) -> int:
    """撤销角色 / take a role away."""
    from webmap.store import LOCAL_OPERATOR

    with console.open() as services:
        services.store.users.revoke_grant(name, role, area, viewer=LOCAL_OPERATOR, now=services.clock())
    data = {"name": name, "role": role, "area": area}
    console.result(data, zh=f"已撤销 {name} 的 {role}", en=f"{name} is no longer {role}")
    return DONE


@user.command(name="rules")
@click.option("--password-days", type=click.IntRange(1, 9999), help="密码有效天数 / days that a password holds [90]")
@shared
def user_rules(console: Console, password_days: int | None) -> int:
    """查看或修改密码有效期 / show or change how long a password holds."""
    from webmap.store.settings import RENEWAL_DAYS

    with console.open() as services:
        if password_days is not None:
            services.store.save_settings({RENEWAL_DAYS: str(password_days)}, now=services.clock())
        days = int(services.store.settings.get(RENEWAL_DAYS, "90"))
    console.result({RENEWAL_DAYS: days}, zh=f"密码有效期 {days} 天", en=f"A password holds {days} days")
    return DONE


def _password(name: str, from_stdin: bool) -> str:
    from webmap.auth.passwords import one_time_password

    if not from_stdin:
        return one_time_password(name)
    given = sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise InputError(zh="标准输入没有密码。", en="There is no password on stdin.")
    return given


def _told(console: Console, name: str, one_time: str, *, zh: str, en: str) -> None:
    data = {"name": name} | ({"one_time_password": one_time} if one_time else {})
    zh, en = f"{zh} {name}", f"{en} {name}"
    if one_time:
        zh = f"{zh}\n一次性密码 {one_time}(首次登录后须修改)"
        en = f"{en}\none-time password {one_time} (changed at the first sign-in)"
    console.result(data, zh=zh, en=en)


def _line(console: Console, each: "User") -> str:
    grants = ", ".join(f"{grant.role}@{grant.area or console.text('全区', 'all')}" for grant in each.grants)
    state = console.text("停用", "disabled") if each.disabled else console.text("启用", "open")
    return f"{each.name}  {each.display}  {state}  {grants or '-'}"


def _as_dict(each: "User") -> dict[str, Any]:
    return vars(each) | {"grants": [vars(grant) for grant in each.grants]}
