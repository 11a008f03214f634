package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"

	"go.opentelemetry.io/contrib/instrumentation/runtime"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlplog/otlploggrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetricgrpc"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracegrpc"
	"go.opentelemetry.io/otel/log"
	lognoop "go.opentelemetry.io/otel/log/noop"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	"go.opentelemetry.io/otel/trace"
)

// scope names this instrumentation in what it sends.
const scope = "stub"

// telemetry is where spans, metrics and log lines go.
type telemetry struct {
	tracer     trace.Tracer
	meter      metric.Meter
	logger     *slog.Logger
	propagator propagation.TextMapPropagator
	closers    []func(context.Context) error
}

// newTelemetry exports over OTLP as the OTEL_* variables say. Nothing is asked of the receiver yet: a Collector that is away at
// the start is tried again with each batch, and requests do not wait for it.
func newTelemetry(ctx context.Context, settings settings, stdout io.Writer) (*telemetry, error) {
	if !settings.telemetry {
		return assemble(sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample())), sdkmetric.NewMeterProvider(), lognoop.NewLoggerProvider(), stdout), nil
	}
	described, err := describe(ctx)
	if err != nil {
		return nil, err
	}
	spans, err := otlptracegrpc.New(ctx)
	if err != nil {
		return nil, err
	}
	measurements, err := otlpmetricgrpc.New(ctx)
	if err != nil {
		return nil, err
	}
	traces := sdktrace.NewTracerProvider(sdktrace.WithBatcher(spans), sdktrace.WithResource(described))
	metrics := sdkmetric.NewMeterProvider(sdkmetric.WithReader(sdkmetric.NewPeriodicReader(measurements)), sdkmetric.WithResource(described))
	closers := []func(context.Context) error{traces.Shutdown, metrics.Shutdown}
	var logs log.LoggerProvider = lognoop.NewLoggerProvider()
	if settings.logs {
		lines, err := otlploggrpc.New(ctx)
		if err != nil {
			return nil, err
		}
		provider := sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewBatchProcessor(lines)), sdklog.WithResource(described))
		closers = append(closers, provider.Shutdown)
		logs = provider
	}
	made := assemble(traces, metrics, logs, stdout)
	made.closers = closers
	// Said once for each failed batch, and only here: sending it over OTLP would not help.
	local := slog.New(newStdoutHandler(stdout))
	otel.SetErrorHandler(otel.ErrorHandlerFunc(func(err error) { local.Warn("telemetry was not sent", "error.message", err.Error()) }))
	return made, runtime.Start(runtime.WithMeterProvider(metrics))
}

func assemble(traces trace.TracerProvider, metrics metric.MeterProvider, logs log.LoggerProvider, stdout io.Writer) *telemetry {
	return &telemetry{
		tracer:     traces.Tracer(scope, trace.WithInstrumentationVersion(version), trace.WithSchemaURL(semconv.SchemaURL)),
		meter:      metrics.Meter(scope, metric.WithInstrumentationVersion(version), metric.WithSchemaURL(semconv.SchemaURL)),
		logger:     newLogger(stdout, logs),
		propagator: propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{}),
	}
}

// describe says who sends. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES win over what the service knows of itself.
func describe(ctx context.Context) (*resource.Resource, error) {
	instance, err := os.Hostname()
	if err != nil {
		return nil, err
	}
	return resource.New(ctx,
		resource.WithSchemaURL(semconv.SchemaURL),
		resource.WithTelemetrySDK(),
		resource.WithAttributes(semconv.ServiceName("stub"), semconv.ServiceVersion(version), semconv.ServiceInstanceID(instance)),
		resource.WithFromEnv(),
	)
}

// shutdown sends what is left.
func (t *telemetry) shutdown() error {
	ctx, cancel := context.WithTimeout(context.Background(), grace)
	defer cancel()
	var failure error
	for _, end := range t.closers {
		failure = errors.Join(failure, end(ctx))
	}
	return failure
}
