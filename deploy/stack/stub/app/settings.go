package main

import (
	"fmt"
	"strconv"
)

// settings is what the environment decides beside the OTEL_* variables, which the SDK reads itself.
type settings struct {
	address      string
	adminAddress string
	leakLimit    int
	// telemetry and logs say whether to export at all, and logs beside what is written to standard output.
	telemetry bool
	logs      bool
}

func settingsFrom(env func(string) string) (settings, error) {
	or := func(name, otherwise string) string {
		if value := env(name); value != "" {
			return value
		}
		return otherwise
	}
	if protocol := or("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"); protocol != "grpc" {
		return settings{}, fmt.Errorf("OTEL_EXPORTER_OTLP_PROTOCOL is %q: stub speaks grpc only; unset it and use port 4317", protocol)
	}
	limit, err := strconv.Atoi(or("STUB_LEAK_LIMIT_MIB", "512"))
	if err != nil || limit < 0 {
		return settings{}, fmt.Errorf("STUB_LEAK_LIMIT_MIB must be a number of MiB, got %q", env("STUB_LEAK_LIMIT_MIB"))
	}
	logs := or("OTEL_LOGS_EXPORTER", "otlp")
	if logs != "otlp" && logs != "none" {
		return settings{}, fmt.Errorf("OTEL_LOGS_EXPORTER must be otlp or none, got %q", logs)
	}
	return settings{
		address:      or("STUB_ADDRESS", ":8080"),
		adminAddress: or("STUB_ADMIN_ADDRESS", "127.0.0.1:8081"),
		leakLimit:    limit,
		telemetry:    env("OTEL_SDK_DISABLED") != "true",
		logs:         logs == "otlp",
	}, nil
}
