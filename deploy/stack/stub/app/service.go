package main

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// maxBody is the most that a request may bring, bytes.
const maxBody = 16 << 10

// service answers requests for todos.
type service struct {
	todos     *todos
	faults    *faults
	telemetry *telemetry
}

func newService(todos *todos, faults *faults, telemetry *telemetry) (http.Handler, error) {
	instrumented, err := newInstrumented(telemetry)
	if err != nil {
		return nil, err
	}
	s := &service{todos, faults, telemetry}
	mux := http.NewServeMux()
	mux.HandleFunc(instrumented.route("GET /todos/{$}", s.list))
	mux.HandleFunc(instrumented.route("POST /todos/{$}", s.create))
	mux.HandleFunc(instrumented.route("DELETE /todos/{id}", s.remove))
	// Asked every few seconds by the kubelet: a span each would drown the others.
	mux.HandleFunc("GET /healthz", func(writer http.ResponseWriter, _ *http.Request) {
		answerJSON(writer, http.StatusOK, map[string]string{"status": "ok"})
	})
	return mux, nil
}

func (s *service) list(writer http.ResponseWriter, request *http.Request) {
	var found []todo
	err := s.stored(request.Context(), "todos list", func() error { found = s.todos.list(); return nil })
	if err != nil {
		s.refuse(writer, request, "todos cannot be listed", err)
		return
	}
	s.telemetry.logger.InfoContext(request.Context(), "todos listed", "todos", len(found))
	answerJSON(writer, http.StatusOK, found)
}

func (s *service) create(writer http.ResponseWriter, request *http.Request) {
	var wanted struct {
		Title string `json:"title"`
	}
	if err := json.NewDecoder(http.MaxBytesReader(writer, request.Body, maxBody)).Decode(&wanted); err != nil {
		http.Error(writer, `expected {"title": "…"}`, http.StatusBadRequest)
		return
	}
	title := strings.TrimSpace(wanted.Title)
	if title == "" || len(title) > maxTitle {
		http.Error(writer, "title must have between 1 and "+strconv.Itoa(maxTitle)+" bytes", http.StatusBadRequest)
		return
	}
	var made todo
	err := s.stored(request.Context(), "todos create", func() (err error) { made, err = s.todos.create(title); return })
	if err != nil {
		s.refuse(writer, request, "todo cannot be created", err)
		return
	}
	s.telemetry.logger.InfoContext(request.Context(), "todo created", "todo.id", made.ID)
	answerJSON(writer, http.StatusCreated, made)
}

func (s *service) remove(writer http.ResponseWriter, request *http.Request) {
	id, err := strconv.Atoi(request.PathValue("id"))
	if err != nil {
		http.Error(writer, "expected the number of a todo", http.StatusBadRequest)
		return
	}
	err = s.stored(request.Context(), "todos remove", func() error { return s.todos.remove(id) })
	if err != nil {
		s.refuse(writer, request, "todo cannot be removed", err)
		return
	}
	s.telemetry.logger.InfoContext(request.Context(), "todo removed", "todo.id", id)
	writer.WriteHeader(http.StatusNoContent)
}

// stored does something with the storage in a span of its own, after whatever fault is on. What the client did wrong is no
// failure of the storage.
func (s *service) stored(ctx context.Context, name string, do func() error) error {
	ctx, span := s.telemetry.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindInternal))
	defer span.End()
	err := s.faults.meet(ctx)
	if err == nil {
		err = do()
	}
	if err != nil && statusOf(err) >= 500 {
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
	}
	return err
}

func (s *service) refuse(writer http.ResponseWriter, request *http.Request, what string, err error) {
	status := statusOf(err)
	if status >= 500 {
		s.telemetry.logger.ErrorContext(request.Context(), what+": "+err.Error(), "http.response.status_code", status)
	} else {
		s.telemetry.logger.WarnContext(request.Context(), what+": "+err.Error(), "http.response.status_code", status)
	}
	http.Error(writer, what, status)
}

func statusOf(err error) int {
	var failed *storageError
	switch {
	case errors.As(err, &failed):
		return failed.status
	case errors.Is(err, errNoTodo):
		return http.StatusNotFound
	case errors.Is(err, errFull):
		return http.StatusConflict
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		// The client has disconnected, so the response is not read.
		return 499
	}
	return http.StatusInternalServerError
}

func answerJSON(writer http.ResponseWriter, status int, value any) {
	writer.Header().Set("Content-Type", "application/json")
	writer.WriteHeader(status)
	// A disconnected client is not an error of this service.
	_ = json.NewEncoder(writer).Encode(value)
}
