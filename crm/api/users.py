"""The people of the workspace: whom a record can be given to."""

from fastapi import APIRouter

from crm.api.callers import Calling
from crm.api.shapes import Listed, PathId, whole
from crm.platform.people import users
from crm.platform.people.users import User

router = APIRouter(prefix="/users", tags=["users"])


@router.get("")
def list_users(caller: Calling) -> Listed[User]:
    with caller.reading() as tx:
        return whole(users.everyone(tx))


@router.get("/me")
def get_own_user(caller: Calling) -> User:
    """The user behind the token."""
    with caller.reading() as tx:
        return users.get(tx, caller.actor.id)


@router.get("/{id}")
def get_user(caller: Calling, user_id: PathId) -> User:
    with caller.reading() as tx:
        return users.get(tx, user_id)
