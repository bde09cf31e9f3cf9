"""The texts of the browser's scripts, in the language of whoever loads the page: `window.tr`, as `tr` of the server."""

import json

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from crm.foundation import language
from crm.foundation.language import catalogues

SCRIPT = """
window.tr = (text, values = {}) =>
  (texts[text] ?? text).replace(/\\{(\\w+)\\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
"""


async def show(_: Request) -> Response:
    spoken = language.current()
    texts = json.dumps(catalogues.of_scripts(spoken), ensure_ascii=False)
    tag = json.dumps(spoken.replace("_", "-"))
    return Response(
        f"{{\nconst texts = {texts};\ndocument.documentElement.lang = {tag};{SCRIPT}}}\n",
        # Asked for at each load: another choice of language shows with the next page.
        headers={"Cache-Control": "no-cache", "Vary": "Cookie, Accept-Language"},
        media_type="text/javascript",
    )


ROUTES = [Route("/texts.js", show)]
