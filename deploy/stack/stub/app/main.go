// Command stub is a small service with a todo list, instrumented by hand with OpenTelemetry, that fails on command.
// It gives a new installation something to watch, and its alerts something to fire on.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// version is set by the linker.
var version = "dev"

// grace is how long requests in flight, and telemetry not yet sent, may take at the end.
const grace = 10 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "stub:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	settings, err := settingsFrom(os.Getenv)
	if err != nil {
		return err
	}
	telemetry, err := newTelemetry(ctx, settings, os.Stdout)
	if err != nil {
		return err
	}
	faults := newFaults(settings.leakLimit)
	service, err := newService(newTodos(), faults, telemetry)
	if err != nil {
		return err
	}
	return errors.Join(serve(ctx, settings, service, faults, telemetry.logger), telemetry.shutdown())
}

// serve answers on both addresses until the context ends, then lets requests in flight finish.
func serve(ctx context.Context, settings settings, service http.Handler, faults *faults, logger *slog.Logger) error {
	listeners := make([]net.Listener, 0, 2)
	for _, address := range []string{settings.address, settings.adminAddress} {
		listener, err := net.Listen("tcp", address)
		if err != nil {
			return fmt.Errorf("cannot listen on %s: %w", address, err)
		}
		defer listener.Close()
		listeners = append(listeners, listener)
	}
	servers := []*http.Server{newServer(service), newServer(faults.handler(logger))}
	ended := make(chan error, len(servers))
	for i, server := range servers {
		go func() { ended <- server.Serve(listeners[i]) }()
	}
	logger.InfoContext(ctx, "stub listens", "address", listeners[0].Addr().String(), "admin", listeners[1].Addr().String())

	var failure error
	select {
	case <-ctx.Done():
	case failure = <-ended:
	}
	// The context has ended, and what is left to do must not end with it.
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	for _, server := range servers {
		failure = errors.Join(failure, server.Shutdown(last))
	}
	logger.InfoContext(last, "stub ends")
	return failure
}

func newServer(handler http.Handler) *http.Server {
	return &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       10 * time.Second,
		// Longer than the longest latency that can be asked for.
		WriteTimeout:   maxLatency + 10*time.Second,
		IdleTimeout:    60 * time.Second,
		MaxHeaderBytes: 16 << 10,
	}
}
