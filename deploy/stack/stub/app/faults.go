package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"runtime/debug"
	"sync"
	"time"
)

// Bounds of what can be asked for: a forgotten fault ends by itself, and none holds a connection forever.
const (
	maxLatency  = 30 * time.Second
	maxDuration = time.Hour
)

// fault says what goes wrong with requests for todos, and until when.
type fault struct {
	// FailRate is the share of requests that fail, 0 to 1.
	FailRate float64 `json:"fail_rate"`
	// Status is the answer of those, 500 to 599.
	Status int `json:"status"`
	// Latency is added to each request, as 1.5s.
	Latency duration `json:"latency"`
	// LeakMiB is allocated by each request and kept.
	LeakMiB int `json:"leak_mib"`
	// For is how long all of this lasts.
	For duration `json:"for"`
}

// duration is a time.Duration that reads and writes as 1m30s.
type duration time.Duration

func (d *duration) UnmarshalText(text []byte) error {
	parsed, err := time.ParseDuration(string(text))
	*d = duration(parsed)
	return err
}

func (d duration) MarshalText() ([]byte, error) { return []byte(time.Duration(d).String()), nil }

func (f fault) check(leakLimit int) error {
	switch {
	case f.FailRate < 0 || f.FailRate > 1:
		return fmt.Errorf("fail_rate must be between 0 and 1, got %v", f.FailRate)
	case f.Status < 500 || f.Status > 599:
		return fmt.Errorf("status must be between 500 and 599, got %d", f.Status)
	case f.Latency < 0 || time.Duration(f.Latency) > maxLatency:
		return fmt.Errorf("latency must be at most %s, got %s", maxLatency, time.Duration(f.Latency))
	case f.LeakMiB < 0 || f.LeakMiB > leakLimit:
		return fmt.Errorf("leak_mib must be at most %d (STUB_LEAK_LIMIT_MIB), got %d", leakLimit, f.LeakMiB)
	case f.For <= 0 || time.Duration(f.For) > maxDuration:
		return fmt.Errorf("for must be more than 0 and at most %s, got %s", maxDuration, time.Duration(f.For))
	}
	return nil
}

// storageError is the error of a request that is set to fail.
type storageError struct{ status int }

func (e *storageError) Error() string {
	return fmt.Sprintf("todo storage does not answer (asked to fail with %d)", e.status)
}

// faults holds the present fault and the memory that was leaked.
type faults struct {
	mutex     sync.Mutex
	present   fault
	until     time.Time
	leaked    [][]byte
	leakedMiB int
	limitMiB  int
}

func newFaults(leakLimitMiB int) *faults { return &faults{limitMiB: leakLimitMiB} }

// meet does to a request what the present fault says; without one it does nothing.
func (f *faults) meet(ctx context.Context) error {
	present, ok := f.now()
	if !ok {
		return nil
	}
	f.leak(present.LeakMiB)
	if present.Latency > 0 {
		timer := time.NewTimer(time.Duration(present.Latency))
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if rand.Float64() < present.FailRate {
		return &storageError{present.Status}
	}
	return nil
}

func (f *faults) now() (fault, bool) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	return f.present, time.Now().Before(f.until)
}

func (f *faults) set(next fault) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.present, f.until = next, time.Now().Add(time.Duration(next.For))
}

func (f *faults) clear() {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	f.present, f.until, f.leaked, f.leakedMiB = fault{}, time.Time{}, nil, 0
	// Else the container's use would fall only minutes later.
	debug.FreeOSMemory()
}

func (f *faults) leak(mib int) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	if mib == 0 || f.leakedMiB+mib > f.limitMiB {
		return
	}
	block := make([]byte, mib<<20)
	// Memory counts against the limit of a container only once it was written to.
	for page := 0; page < len(block); page += 4096 {
		block[page] = 1
	}
	f.leaked, f.leakedMiB = append(f.leaked, block), f.leakedMiB+mib
}

// handler serves /chaos. Anyone who can reach it can break the service, so it listens on a separate address, by default on
// loopback, where `kubectl port-forward` gets and the Pod's neighbours do not.
func (f *faults) handler(logger *slog.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /chaos", func(writer http.ResponseWriter, _ *http.Request) { f.report(writer) })
	mux.HandleFunc("PUT /chaos", func(writer http.ResponseWriter, request *http.Request) {
		next := fault{Status: http.StatusInternalServerError, For: duration(10 * time.Minute)}
		decoder := json.NewDecoder(http.MaxBytesReader(writer, request.Body, maxBody))
		decoder.DisallowUnknownFields()
		err := decoder.Decode(&next)
		if err == nil {
			err = next.check(f.limitMiB)
		}
		if err != nil {
			http.Error(writer, err.Error(), http.StatusBadRequest)
			return
		}
		f.set(next)
		logger.WarnContext(request.Context(), "faults are on", "fail_rate", next.FailRate, "latency", time.Duration(next.Latency).String(), "leak_mib", next.LeakMiB, "for", time.Duration(next.For).String())
		f.report(writer)
	})
	mux.HandleFunc("DELETE /chaos", func(writer http.ResponseWriter, request *http.Request) {
		f.clear()
		logger.InfoContext(request.Context(), "faults are off")
		writer.WriteHeader(http.StatusNoContent)
	})
	return mux
}

func (f *faults) report(writer http.ResponseWriter) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	left := max(0, time.Until(f.until)).Round(time.Second)
	answerJSON(writer, http.StatusOK, map[string]any{"active": left > 0, "left": left.String(), "leaked_mib": f.leakedMiB, "fault": f.present})
}
