"""What an admin does to one user in a browser, as a command:

python -m tests.support.logout_check.admin ADDRESS ADMIN PASSWORD ACTION EMAIL
"""

import re
import sys
from urllib.parse import quote

from tests.support.servers import Visitor

address, admin, password, action, email = sys.argv[1:]
browser = Visitor(f"{address}/")
browser.sign_in(admin, password)
(page,) = re.findall(r'href="/(admin/users/\d+)"', browser.open(f"admin/users?q={quote(email)}"))
receipt = browser.open(f"{page}/{action}", current_password=password, reason="checked")
if "Receipt" not in receipt:
    sys.exit("there is no receipt")
