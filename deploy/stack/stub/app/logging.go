package main

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/log"
	"go.opentelemetry.io/otel/trace"
)

// newLogger writes each line twice: as JSON with the names of the Elastic Common Schema, for collectors of standard output,
// and to the log provider, which may be one that keeps nothing.
func newLogger(stdout io.Writer, logs log.LoggerProvider) *slog.Logger {
	return slog.New(both{newStdoutHandler(stdout), otelslog.NewHandler(scope, otelslog.WithLoggerProvider(logs), otelslog.WithVersion(version))})
}

func newStdoutHandler(stdout io.Writer) slog.Handler {
	names := map[string]string{slog.TimeKey: "@timestamp", slog.LevelKey: "log.level", slog.MessageKey: "message"}
	lines := slog.NewJSONHandler(stdout, &slog.HandlerOptions{ReplaceAttr: func(groups []string, attribute slog.Attr) slog.Attr {
		if name, known := names[attribute.Key]; known && len(groups) == 0 {
			attribute.Key = name
		}
		return attribute
	}})
	return traced{lines.WithAttrs([]slog.Attr{slog.String("service.name", "stub"), slog.String("service.version", version)})}
}

// traced adds the ids of the span that a line was written in.
type traced struct{ slog.Handler }

func (t traced) Handle(ctx context.Context, line slog.Record) error {
	if span := trace.SpanContextFromContext(ctx); span.IsValid() {
		line = line.Clone()
		line.AddAttrs(slog.String("trace.id", span.TraceID().String()), slog.String("span.id", span.SpanID().String()))
	}
	return t.Handler.Handle(ctx, line)
}

func (t traced) WithAttrs(attributes []slog.Attr) slog.Handler {
	return traced{t.Handler.WithAttrs(attributes)}
}
func (t traced) WithGroup(name string) slog.Handler { return traced{t.Handler.WithGroup(name)} }

// both hands a line to two handlers; one that fails does not keep it from the other.
type both [2]slog.Handler

func (b both) Enabled(ctx context.Context, level slog.Level) bool {
	return b[0].Enabled(ctx, level) || b[1].Enabled(ctx, level)
}

func (b both) Handle(ctx context.Context, line slog.Record) error {
	var failures [2]error
	for i, handler := range b {
		if handler.Enabled(ctx, line.Level) {
			failures[i] = handler.Handle(ctx, line.Clone())
		}
	}
	return errors.Join(failures[:]...)
}

func (b both) WithAttrs(attributes []slog.Attr) slog.Handler {
	return both{b[0].WithAttrs(attributes), b[1].WithAttrs(attributes)}
}

func (b both) WithGroup(name string) slog.Handler {
	return both{b[0].WithGroup(name), b[1].WithGroup(name)}
}
