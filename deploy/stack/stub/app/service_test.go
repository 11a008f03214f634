package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"go.opentelemetry.io/otel/trace"
)

// watched is a running service whose telemetry stays in memory.
type watched struct {
	url, admin string
	spans      *tracetest.InMemoryExporter
	metrics    *sdkmetric.ManualReader
	lines      *keptLines
	stdout     *safeBuffer
}

func watch(t *testing.T) watched {
	t.Helper()
	spans, metrics, lines, stdout := tracetest.NewInMemoryExporter(), sdkmetric.NewManualReader(), &keptLines{}, &safeBuffer{}
	telemetry := assemble(
		sdktrace.NewTracerProvider(sdktrace.WithSyncer(spans)),
		sdkmetric.NewMeterProvider(sdkmetric.WithReader(metrics)),
		sdklog.NewLoggerProvider(sdklog.WithProcessor(sdklog.NewSimpleProcessor(lines))),
		stdout,
	)
	faults := newFaults(8)
	handler, err := newService(newTodos(), faults, telemetry)
	if err != nil {
		t.Fatal(err)
	}
	front, admin := httptest.NewServer(handler), httptest.NewServer(faults.handler(telemetry.logger))
	t.Cleanup(front.Close)
	t.Cleanup(admin.Close)
	return watched{front.URL, admin.URL, spans, metrics, lines, stdout}
}

func TestTodosAreCreatedListedAndRemoved(t *testing.T) {
	w := watch(t)
	for _, step := range []struct {
		method, path, body string
		status             int
		answer             string
	}{
		{"GET", "/todos/", "", 200, "[]"},
		{"POST", "/todos/", `{"title":"buy milk"}`, 201, `{"id":1,"title":"buy milk"}`},
		{"GET", "/todos/", "", 200, `[{"id":1,"title":"buy milk"}]`},
		{"DELETE", "/todos/1", "", 204, ""},
		{"DELETE", "/todos/1", "", 404, "todo cannot be removed"},
		{"DELETE", "/todos/one", "", 400, "expected the number of a todo"},
		{"POST", "/todos/", `{"title":" "}`, 400, "title must have between 1 and 200 bytes"},
		{"POST", "/todos/", `{"title":"` + strings.Repeat("x", maxBody) + `"}`, 400, `expected {"title": "…"}`},
		{"GET", "/healthz", "", 200, `{"status":"ok"}`},
		{"GET", "/chaos", "", 404, "404 page not found"},
	} {
		status, answer := ask(t, step.method, w.url+step.path, step.body, nil)
		if status != step.status || strings.TrimSpace(answer) != step.answer {
			t.Errorf("%s %s: got %d %q, expected %d %q", step.method, step.path, status, answer, step.status, step.answer)
		}
	}
}

func TestAFailingRequestWritesALogLineWithTheTraceIdOfItsSpan(t *testing.T) {
	w := watch(t)
	ask(t, "PUT", w.admin+"/chaos", `{"fail_rate":1,"status":503}`, nil)
	const remote = "4bf92f3577b34da6a3ce929d0e0e4736"
	status, _ := ask(t, "GET", w.url+"/todos/?secret=1", "", http.Header{"Traceparent": {"00-" + remote + "-00f067aa0ba902b7-01"}})
	if status != 503 {
		t.Fatalf("expected 503, got %d", status)
	}

	server, storage := spanOf(t, w, trace.SpanKindServer), spanOf(t, w, trace.SpanKindInternal)
	if got := server.SpanContext.TraceID().String(); got != remote {
		t.Errorf("the span has trace %s, expected that of the caller, %s", got, remote)
	}
	attributes := attribute.NewSet(server.Attributes...)
	for key, expected := range map[attribute.Key]string{
		"http.route": "/todos/", "url.path": "/todos/", "http.request.method": "GET", "http.response.status_code": "503", "error.type": "503",
	} {
		if value, _ := attributes.Value(key); value.Emit() != expected {
			t.Errorf("%s is %q, expected %q", key, value.Emit(), expected)
		}
	}
	if server.Name != "GET /todos/" || server.Status.Code != codes.Error || storage.Status.Code != codes.Error {
		t.Errorf("expected two spans in error, got %q %v, %v", server.Name, server.Status, storage.Status)
	}
	if len(storage.Events) != 1 || storage.Events[0].Name != "exception" {
		t.Errorf("expected the exception on the span, got %v", storage.Events)
	}

	sent := w.lines.find("todos cannot be listed: todo storage does not answer (asked to fail with 503)")
	if sent == nil || sent.TraceID() != server.SpanContext.TraceID() || sent.SpanID() != server.SpanContext.SpanID() || sent.SeverityText() != "ERROR" {
		t.Errorf("expected an error line within the span, got %v", sent)
	}
	var written map[string]any
	for _, line := range strings.Split(w.stdout.String(), "\n") {
		if strings.Contains(line, "cannot be listed") {
			if err := json.Unmarshal([]byte(line), &written); err != nil {
				t.Fatal(err)
			}
		}
	}
	for key, expected := range map[string]string{
		"trace.id": remote, "span.id": server.SpanContext.SpanID().String(), "log.level": "ERROR", "service.name": "stub",
	} {
		if written[key] != expected {
			t.Errorf("standard output says %s: %v, expected %s", key, written[key], expected)
		}
	}
}

func TestWhatTheClientDidWrongIsNoErrorOfTheService(t *testing.T) {
	w := watch(t)
	ask(t, "DELETE", w.url+"/todos/7", "", nil)
	if span := spanOf(t, w, trace.SpanKindServer); span.Status.Code != codes.Unset {
		t.Errorf("a 404 has status %v", span.Status)
	}
	if span := spanOf(t, w, trace.SpanKindInternal); len(span.Events) != 0 {
		t.Errorf("a 404 is recorded as %v", span.Events)
	}
}

func TestRequestsAreMeasuredByRouteAndHealthChecksAreNot(t *testing.T) {
	w := watch(t)
	for _, path := range []string{"/todos/", "/todos/", "/healthz"} {
		ask(t, "GET", w.url+path, "", nil)
	}
	var gathered metricdata.ResourceMetrics
	if err := w.metrics.Collect(context.Background(), &gathered); err != nil {
		t.Fatal(err)
	}
	for _, metric := range gathered.ScopeMetrics[0].Metrics {
		if metric.Name != "http.server.request.duration" {
			continue
		}
		points := metric.Data.(metricdata.Histogram[float64]).DataPoints
		if len(points) != 1 || points[0].Count != 2 {
			t.Fatalf("expected one series of two requests, got %v", points)
		}
		if route, _ := points[0].Attributes.Value("http.route"); route.AsString() != "/todos/" {
			t.Errorf("the route is %q", route.AsString())
		}
		return
	}
	t.Error("there is no http.server.request.duration")
}

func spanOf(t *testing.T, w watched, kind trace.SpanKind) tracetest.SpanStub {
	t.Helper()
	for _, span := range w.spans.GetSpans() {
		if span.SpanKind == kind {
			return span
		}
	}
	t.Fatalf("no span of kind %v", kind)
	return tracetest.SpanStub{}
}

func ask(t *testing.T, method, url, body string, header http.Header) (int, string) {
	t.Helper()
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for name, values := range header {
		request.Header[name] = values
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(read)
}

// keptLines is a log exporter that keeps what it gets.
type keptLines struct {
	mutex sync.Mutex
	lines []sdklog.Record
}

func (k *keptLines) Export(_ context.Context, lines []sdklog.Record) error {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	for _, line := range lines {
		k.lines = append(k.lines, line.Clone())
	}
	return nil
}

func (k *keptLines) Shutdown(context.Context) error   { return nil }
func (k *keptLines) ForceFlush(context.Context) error { return nil }

func (k *keptLines) find(message string) *sdklog.Record {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	for i := range k.lines {
		if k.lines[i].Body().AsString() == message {
			return &k.lines[i]
		}
	}
	return nil
}

type safeBuffer struct {
	mutex sync.Mutex
	bytes.Buffer
}

func (b *safeBuffer) Write(text []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.Buffer.Write(text)
}

func (b *safeBuffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.Buffer.String()
}
