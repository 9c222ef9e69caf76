"""A scorer as a gRPC service. Run it with `python3 grpc_scorer.py 9001`, with the modules that protoc made of `scorer.proto` on the path."""

import sys
from concurrent.futures import ThreadPoolExecutor

import grpc
from gradus.v1 import scorer_pb2, scorer_pb2_grpc


class Scorer(scorer_pb2_grpc.ScorerServicer):
    def Score(self, request, context):
        """A quarter for each of the reference answer's words that the completion holds."""
        if not request.HasField("gold"):
            return scorer_pb2.ScoreResponse(error="there is no reference answer")
        words = request.gold.lower().split()
        return scorer_pb2.ScoreResponse(score=sum(word in request.completion.lower() for word in words) / 4)


if __name__ == "__main__":
    server = grpc.server(ThreadPoolExecutor(16))
    scorer_pb2_grpc.add_ScorerServicer_to_server(Scorer(), server)
    server.add_insecure_port(f"127.0.0.1:{int(sys.argv[1])}")
    server.start()
    server.wait_for_termination()
