// Command apmconv stands where APM Server stands in the stack: it takes OTLP over gRPC from a Collector, turns it into documents
// with the library that APM Server is built on, does to them what the ingest pipelines of the APM data streams do to the fields
// that rules ask for, and writes them to Elasticsearch.
//
//	apmconv -elasticsearch http://127.0.0.1:9200 -token SECRET
//
// It prints its address on a line of its own and ends with its standard input.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"

	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	_ "google.golang.org/grpc/encoding/gzip" // Collectors compress by default.
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

func main() {
	elasticsearch := flag.String("elasticsearch", "", "URL of Elasticsearch")
	token := flag.String("token", "", "the secret token that senders must bring")
	flag.Parse()
	if err := run(*elasticsearch, *token); err != nil {
		fmt.Fprintln(os.Stderr, "apmconv:", err)
		os.Exit(1)
	}
}

func run(elasticsearch, token string) error {
	if elasticsearch == "" || token == "" {
		return errors.New("expected -elasticsearch URL and -token SECRET")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := grpc.NewServer(grpc.UnaryInterceptor(onlyWith(token)))
	intake := newIntake(&bulk{url: elasticsearch})
	ptraceotlp.RegisterGRPCServer(server, &traces{consumer: intake})
	pmetricotlp.RegisterGRPCServer(server, &metrics{consumer: intake})
	plogotlp.RegisterGRPCServer(server, &logs{consumer: intake})
	fmt.Println(listener.Addr())
	go func() {
		// A parent that dies closes the pipe too, so that nothing is left running.
		_, _ = io.Copy(io.Discard, os.Stdin)
		server.GracefulStop()
	}()
	return server.Serve(listener)
}

func onlyWith(token string) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, request any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
		given, _ := metadata.FromIncomingContext(ctx)
		if values := given.Get("authorization"); len(values) != 1 || values[0] != "Bearer "+token {
			return nil, status.Error(codes.Unauthenticated, "expected Authorization: Bearer with the secret token")
		}
		return handle(ctx, request)
	}
}
