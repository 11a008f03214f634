package main

import (
	"errors"
	"sync"
)

// Bounds of the list, so that requests cannot exhaust the memory.
const (
	maxTodos = 1000
	maxTitle = 200
)

var (
	errNoTodo = errors.New("there is no such todo")
	errFull   = errors.New("the list is full: remove some first")
)

type todo struct {
	ID    int    `json:"id"`
	Title string `json:"title"`
}

// todos is a list in memory; it is lost when the process ends.
type todos struct {
	mutex sync.Mutex
	last  int
	all   []todo
}

func newTodos() *todos { return &todos{all: []todo{}} }

func (t *todos) list() []todo {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	return append([]todo{}, t.all...)
}

func (t *todos) create(title string) (todo, error) {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	if len(t.all) >= maxTodos {
		return todo{}, errFull
	}
	t.last++
	made := todo{t.last, title}
	t.all = append(t.all, made)
	return made, nil
}

func (t *todos) remove(id int) error {
	t.mutex.Lock()
	defer t.mutex.Unlock()
	for i, one := range t.all {
		if one.ID == id {
			t.all = append(t.all[:i], t.all[i+1:]...)
			return nil
		}
	}
	return errNoTodo
}
