package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

func TestFaultsAreRefusedBeyondTheirBounds(t *testing.T) {
	w := watch(t)
	for body, reason := range map[string]string{
		`{"fail_rate":1.5}`:                   "fail_rate must be between 0 and 1, got 1.5",
		`{"status":200}`:                      "status must be between 500 and 599, got 200",
		`{"latency":"31s"}`:                   "latency must be at most 30s, got 31s",
		`{"leak_mib":9}`:                      "leak_mib must be at most 8 (STUB_LEAK_LIMIT_MIB), got 9",
		`{"for":"2h"}`:                        "for must be more than 0 and at most 1h0m0s, got 2h0m0s",
		`{"for":"soon"}`:                      `time: invalid duration "soon"`,
		`{"failrate":1}`:                      `json: unknown field "failrate"`,
		`{"fail_rate":"1"}`:                   "json: cannot unmarshal string",
		strings.Repeat(" ", maxBody+1) + "{}": "http: request body too large",
	} {
		status, answer := ask(t, "PUT", w.admin+"/chaos", body, nil)
		if status != 400 || !strings.Contains(answer, reason) {
			t.Errorf("%.30s: got %d %q, expected %q", body, status, answer, reason)
		}
	}
	if status, _ := ask(t, "GET", w.url+"/todos/", "", nil); status != 200 {
		t.Errorf("a refused fault is on: %d", status)
	}
}

func TestFaultsEndWhenTheyAreClearedAndByThemselves(t *testing.T) {
	w := watch(t)
	failing := func() bool { status, _ := ask(t, "GET", w.url+"/todos/", "", nil); return status == 500 }
	ask(t, "PUT", w.admin+"/chaos", `{"fail_rate":1}`, nil)
	if !failing() {
		t.Error("the fault is not on")
	}
	if status, _ := ask(t, "DELETE", w.admin+"/chaos", "", nil); status != 204 || failing() {
		t.Error("the fault is still on after it was cleared")
	}
	over := newFaults(0)
	over.set(fault{FailRate: 1, Status: 500, For: duration(time.Nanosecond)})
	for began := time.Now(); over.meet(context.Background()) != nil; {
		if time.Since(began) > 5*time.Second {
			t.Fatal("the fault does not end")
		}
	}
}

func TestALeakGrowsUntilItsLimitAndIsGivenBack(t *testing.T) {
	w := watch(t)
	ask(t, "PUT", w.admin+"/chaos", `{"leak_mib":3}`, nil)
	for range 4 {
		ask(t, "GET", w.url+"/todos/", "", nil)
	}
	if _, answer := ask(t, "GET", w.admin+"/chaos", "", nil); !strings.Contains(answer, `"leaked_mib":6`) {
		t.Errorf("two times 3 MiB fit into 8: %s", answer)
	}
	ask(t, "DELETE", w.admin+"/chaos", "", nil)
	if _, answer := ask(t, "GET", w.admin+"/chaos", "", nil); !strings.Contains(answer, `"leaked_mib":0`) {
		t.Errorf("not given back: %s", answer)
	}
}

func TestLatencyEndsWithTheRequest(t *testing.T) {
	slow := newFaults(0)
	slow.set(fault{Latency: duration(maxLatency), Status: 500, For: duration(time.Minute)})
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := slow.meet(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("expected the end of the request, got %v", err)
	}
}

func TestSettingsSayWhatTheyExpect(t *testing.T) {
	for name, row := range map[string]struct{ key, value, expected string }{
		"a protocol that is not spoken": {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf", "speaks grpc only"},
		"a limit that is not a number": {"STUB_LEAK_LIMIT_MIB", "lots", "must be a number of MiB"},
		"an exporter of another kind":   {"OTEL_LOGS_EXPORTER", "console", "must be otlp or none"},
	} {
		_, err := settingsFrom(func(key string) string {
			if key == row.key {
				return row.value
			}
			return ""
		})
		if err == nil || !strings.Contains(err.Error(), row.expected) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	given, err := settingsFrom(func(string) string { return "" })
	if err != nil || given.adminAddress != "127.0.0.1:8081" || !given.telemetry || !given.logs {
		t.Errorf("defaults are %+v, %v", given, err)
	}
}
