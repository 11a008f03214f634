package main

import (
	"context"
	"encoding/json"
	"hash"
	"time"

	"github.com/cespare/xxhash/v2"
	"github.com/elastic/apm-data/input/otlp"
	"github.com/elastic/apm-data/model/modeljson"
	"github.com/elastic/apm-data/model/modelpb"
	"github.com/elastic/apm-data/model/modelprocessor"
	"go.elastic.co/fastjson"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
)

// unlimited is a semaphore that always lets through.
type unlimited struct{}

func (unlimited) Acquire(context.Context, int64) error { return nil }
func (unlimited) TryAcquire(int64) bool                { return true }
func (unlimited) Release(int64)                        {}

// newIntake chains what APM Server does to each event between its input and its output, as far as documents show it.
func newIntake(out *bulk) *otlp.Consumer {
	return otlp.NewConsumer(otlp.ConsumerConfig{
		Semaphore:        unlimited{},
		RemapOTelMetrics: true,
		Processor: modelprocessor.Chained{
			modelprocessor.SetHostHostname{},
			modelprocessor.SetServiceNodeName{},
			modelprocessor.SetGroupingKey{NewHash: func() hash.Hash { return xxhash.New() }},
			modelprocessor.SetErrorMessage{},
			&modelprocessor.SetDataStream{Namespace: "default"},
			modelpb.ProcessBatchFunc(func(ctx context.Context, batch *modelpb.Batch) error { return write(ctx, *batch, out) }),
		},
	})
}

func write(ctx context.Context, batch modelpb.Batch, out *bulk) error {
	lines := make([]line, 0, len(batch))
	for _, event := range batch {
		event.Event = orEmpty(event.Event)
		event.Event.Received = modelpb.FromTime(time.Now())
		var writer fastjson.Writer
		if err := modeljson.MarshalAPMEvent(event, &writer); err != nil {
			return err
		}
		var document map[string]any
		if err := json.Unmarshal(writer.Bytes(), &document); err != nil {
			return err
		}
		ingest(event.Type(), document)
		stream := event.DataStream
		lines = append(lines, line{index: stream.Type + "-" + stream.Dataset + "-" + stream.Namespace, document: document})
	}
	return out.write(ctx, lines)
}

func orEmpty(event *modelpb.Event) *modelpb.Event {
	if event == nil {
		return &modelpb.Event{}
	}
	return event
}

// ingest does what the ingest pipelines of the data streams do to the fields that rules ask for; docs/use-cases.md lists it.
func ingest(kind modelpb.APMEventType, document map[string]any) {
	names := map[modelpb.APMEventType]string{
		modelpb.TransactionEventType: "transaction",
		modelpb.SpanEventType:        "span",
		modelpb.ErrorEventType:       "error",
		modelpb.LogEventType:         "log",
		modelpb.MetricEventType:      "metric",
	}
	document["processor"] = map[string]any{"event": names[kind]}
	if kind != modelpb.TransactionEventType && kind != modelpb.SpanEventType {
		return
	}
	event, _ := document["event"].(map[string]any)
	timed, _ := document[names[kind]].(map[string]any)
	if nanoseconds, ok := event["duration"].(float64); ok && timed != nil {
		timed["duration"] = map[string]any{"us": int64(nanoseconds / 1000)}
		delete(event, "duration")
	}
}

type traces struct {
	ptraceotlp.UnimplementedGRPCServer
	consumer *otlp.Consumer
}

func (t *traces) Export(ctx context.Context, request ptraceotlp.ExportRequest) (ptraceotlp.ExportResponse, error) {
	return ptraceotlp.NewExportResponse(), t.consumer.ConsumeTraces(ctx, request.Traces())
}

type metrics struct {
	pmetricotlp.UnimplementedGRPCServer
	consumer *otlp.Consumer
}

func (m *metrics) Export(ctx context.Context, request pmetricotlp.ExportRequest) (pmetricotlp.ExportResponse, error) {
	return pmetricotlp.NewExportResponse(), m.consumer.ConsumeMetrics(ctx, request.Metrics())
}

type logs struct {
	plogotlp.UnimplementedGRPCServer
	consumer *otlp.Consumer
}

func (l *logs) Export(ctx context.Context, request plogotlp.ExportRequest) (plogotlp.ExportResponse, error) {
	return plogotlp.NewExportResponse(), l.consumer.ConsumeLogs(ctx, request.Logs())
}
