package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
)

// line is a document and the data stream it goes to.
type line struct {
	index    string
	document map[string]any
}

// bulk writes documents to Elasticsearch. A refused one is an error for the sender, who then tries the batch again.
type bulk struct{ url string }

func (b *bulk) write(ctx context.Context, lines []line) error {
	if len(lines) == 0 {
		return nil
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	for _, one := range lines {
		action := map[string]any{"create": map[string]string{"_index": one.index}}
		if err := encoder.Encode(action); err != nil {
			return err
		}
		if err := encoder.Encode(one.document); err != nil {
			return err
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, b.url+"/_bulk", &body)
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-ndjson")
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	read, err := io.ReadAll(answer.Body)
	if err != nil {
		return err
	}
	var result struct{ Errors bool }
	if err := json.Unmarshal(read, &result); err != nil || answer.StatusCode != http.StatusOK || result.Errors {
		return fmt.Errorf("Elasticsearch answered %d: %.500s", answer.StatusCode, read)
	}
	return nil
}
