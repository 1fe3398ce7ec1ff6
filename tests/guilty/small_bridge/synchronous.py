"""A country that answers while OpenCRVS waits: nothing is subscribed, and births get their number at once."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from .mosip import Mosip, Refused
from .opencrvs import NotNow
from .rows import Rows, fields_of
from .settings import seeded


class Synchronous:
    """A row that could not be asked about goes on as `ask`, and is confirmed later."""

    def __init__(self, rows: Rows, mosip: Mosip) -> None:
        self._rows, self._mosip = rows, mosip

    async def answer(self, action: str, trouble: tuple[type[BaseException], ...]) -> web.Response:
        row: Any = self._rows.of_action(action)
        if row["state"] == "asked":
            try:
                await self.ask(row)
            except trouble:
                if seeded("trouble_answered_500"):
                    return web.Response(status=500)
                self._rows.change(row, state="ask")
            row = self._rows.of_action(action)
        match row["state"]:
            case "no":
                self._rows.change(row, state="done")
                return web.Response(status=500 if seeded("refusal_answered_500") else 400)
            case "yes" | "done":
                self._rows.change(row, state="done")
                added = {} if seeded("answered_without_national_id") else {"child.nid": row["national_id"]}
                return web.json_response({"registrationNumber": row["number"], "declaration": added})
        return web.Response(status=202)

    async def ask(self, row: Any) -> None:
        """Now; NotNow when it cannot be known yet."""
        try:
            uin = await self._mosip.identity(row["packet"], fields_of(row))
        except Refused as why:
            if seeded("refusal_answered_200"):
                self._rows.change(row, state="yes", national_id="0000000000")
                return
            if "requesttime" in str(why) and not seeded("wrong_time_taken_for_refusal"):
                raise NotNow("the ID system's clock") from None
            self._rows.change(row, state="no", reason=str(why))
        else:
            self._rows.change(row, state="yes", national_id=uin)
