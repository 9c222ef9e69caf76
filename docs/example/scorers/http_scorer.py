"""A scorer as a service: the standard library is enough. Run it with `python3 http_scorer.py 9000`."""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def score(sample):
    """A quarter for each of the reference answer's words that the completion holds."""
    words = (sample["gold"] or "").lower().split()
    return sum(word in sample["completion"].lower() for word in words) / 4


class Scorer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        sample = json.loads(self.rfile.read(int(self.headers["content-length"])))
        body = json.dumps({"score": score(sample)}).encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Scorer).serve_forever()
