"""Information about the installation."""

from app.auth.authenticate import Caller
from app.auth.routing import Router
from app.db.transaction import Transaction
from app.kit.problems import problems
from app.system.overview import System, overview

router = Router(tags=["system"])


@router.get("/system", name="get", responses=problems(401))
async def get_system(session: Transaction, subject: Caller) -> System:
    """Get versions, workers, queue depth and storage."""
    return await overview(session, subject)
