package main

import (
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/propagation"
	semconv "go.opentelemetry.io/otel/semconv/v1.37.0"
	"go.opentelemetry.io/otel/trace"
)

// boundaries are those that the semantic conventions recommend for the duration of requests, in seconds.
var boundaries = []float64{0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10}

// instrumented gives each request a server span and a place in two metrics, under the route that answered it.
type instrumented struct {
	telemetry *telemetry
	duration  metric.Float64Histogram
	active    metric.Int64UpDownCounter
}

func newInstrumented(telemetry *telemetry) (*instrumented, error) {
	duration, err := telemetry.meter.Float64Histogram("http.server.request.duration", metric.WithUnit("s"),
		metric.WithDescription("Duration of HTTP server requests."), metric.WithExplicitBucketBoundaries(boundaries...))
	if err != nil {
		return nil, err
	}
	active, err := telemetry.meter.Int64UpDownCounter("http.server.active_requests", metric.WithUnit("{request}"),
		metric.WithDescription("Number of active HTTP server requests."))
	return &instrumented{telemetry, duration, active}, err
}

// route instruments one pattern of http.ServeMux, as "GET /todos/{id}".
func (i *instrumented) route(pattern string, answer http.HandlerFunc) (string, http.HandlerFunc) {
	_, route, _ := strings.Cut(pattern, " ")
	route = strings.TrimSuffix(route, "{$}")
	return pattern, func(writer http.ResponseWriter, request *http.Request) {
		began := time.Now()
		counted := metric.WithAttributes(semconv.HTTPRequestMethodKey.String(request.Method), semconv.URLScheme(scheme(request)))
		i.active.Add(request.Context(), 1, counted)
		defer i.active.Add(request.Context(), -1, counted)

		remote := i.telemetry.propagator.Extract(request.Context(), propagation.HeaderCarrier(request.Header))
		ctx, span := i.telemetry.tracer.Start(remote, request.Method+" "+route,
			trace.WithSpanKind(trace.SpanKindServer), trace.WithAttributes(described(request, route)...))
		recorded := &recorder{ResponseWriter: writer, status: http.StatusOK}
		defer func() {
			panicked := recover()
			if panicked != nil {
				recorded.status = http.StatusInternalServerError
			}
			result := []attribute.KeyValue{semconv.HTTPResponseStatusCode(recorded.status)}
			if recorded.status >= 500 {
				result = append(result, semconv.ErrorTypeKey.String(strconv.Itoa(recorded.status)))
				span.SetStatus(codes.Error, "")
			}
			span.SetAttributes(result...)
			span.End()
			i.duration.Record(ctx, time.Since(began).Seconds(), metric.WithAttributes(append(result,
				semconv.HTTPRequestMethodKey.String(request.Method), semconv.HTTPRoute(route), semconv.URLScheme(scheme(request)))...))
			if panicked != nil {
				panic(panicked)
			}
		}()
		answer(recorded, request.WithContext(ctx))
	}
}

// described leaves out the query: it may contain data that does not belong in an index.
func described(request *http.Request, route string) []attribute.KeyValue {
	host, port, err := net.SplitHostPort(request.Host)
	if err != nil {
		host = request.Host
	}
	client, _, _ := net.SplitHostPort(request.RemoteAddr)
	attributes := []attribute.KeyValue{
		semconv.HTTPRequestMethodKey.String(request.Method),
		semconv.HTTPRoute(route),
		semconv.URLPath(request.URL.Path),
		semconv.URLScheme(scheme(request)),
		semconv.ServerAddress(host),
		semconv.ClientAddress(client),
		semconv.NetworkProtocolVersion(strings.TrimPrefix(request.Proto, "HTTP/")),
		semconv.UserAgentOriginal(request.UserAgent()),
	}
	if number, err := strconv.Atoi(port); err == nil {
		attributes = append(attributes, semconv.ServerPort(number))
	}
	return attributes
}

func scheme(request *http.Request) string {
	if request.TLS != nil {
		return "https"
	}
	return "http"
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}
