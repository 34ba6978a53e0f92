"""The HTTP API as a test uses it: a logged-in session, and the change feed as a generator with a deadline."""

import json
import time
import urllib.error
import urllib.request
from http.cookiejar import CookieJar


class Desk:
    def __init__(self, url, login, password):
        self.url = url
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.session = self.request("POST", "/api/session", {"login": login, "password": password})

    def request(self, method, path, body=None, headers=None):
        data = json.dumps(body).encode() if body is not None else None
        head = {"Content-Type": "application/json", **(headers or {})}
        if hasattr(self, "session"):
            head["X-CSRF-Token"] = self.session["csrf"]
        request = urllib.request.Request(self.url + path, data, head, method=method)
        with self.opener.open(request, timeout=10) as answer:
            text = answer.read()
            return json.loads(text) if text else None

    def get(self, path):
        return self.request("GET", path)

    def post(self, path, body):
        return self.request("POST", path, body)

    def status_of(self, method, path, body=None):
        try:
            self.request(method, path, body)
            return 200
        except urllib.error.HTTPError as e:
            return e.code

    def events(self, after=None, seconds=30):
        """(id, kind, data) of each change, until `seconds` are over."""
        deadline = time.monotonic() + seconds
        query = f"?after={after}" if after is not None else ""
        with self.opener.open(self.url + "/api/events" + query, timeout=seconds) as stream:
            event = {}
            for raw in stream:
                line = raw.decode().rstrip("\r\n")
                if not line and "data" in event:
                    yield int(event["id"]), event["event"], json.loads(event["data"])
                    event = {}
                elif line and not line.startswith(":"):
                    key, _, value = line.partition(": ")
                    event[key] = value
                if time.monotonic() > deadline:
                    return
