// The judge checks a served log with golang.org/x/mod (sumdb/note, sumdb/tlog), which knows nothing of
// the code under test: the note, every tile it asks for, inclusion of every leaf, consistency between
// sizes. It prints one line and ends with 0 when all of it holds.
//
// usage: judge ADDRESS KEY PREFIX     (http://127.0.0.1:8080, a key with the right prove, /v1/logs/<org>)
package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type served struct {
	address, key, prefix string
}

func (s served) get(path string) ([]byte, error) {
	request, err := http.NewRequest("GET", s.address+s.prefix+"/"+path, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+s.key)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != 200 {
		err = fmt.Errorf("%s: %s", path, response.Status)
	}
	return body, err
}

// The tiles of x/mod name their height; ours are always of height 8.
func (s served) Height() int { return 8 }

func (s served) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var read [][]byte
	for _, tile := range tiles {
		body, err := s.get("tile/" + strings.TrimPrefix(tile.Path(), "tile/8/"))
		if err != nil {
			return nil, err
		}
		read = append(read, body)
	}
	return read, nil
}

func (s served) SaveTiles([]tlog.Tile, [][]byte) {}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func text(s served, path string) string {
	body, err := s.get(path)
	must(err)
	return string(body)
}

// Opens the checkpoint with the log's key; its size and root.
func checkpoint(s served) tlog.Tree {
	verifier, err := note.NewVerifier(strings.TrimSpace(text(s, "vkey")))
	must(err)
	opened, err := note.Open([]byte(text(s, "checkpoint")), note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	if lines[0] != verifier.Name() {
		log.Fatalf("origin %q is not the name of the key %q", lines[0], verifier.Name())
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	root, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], root)
	return tree
}

// The leaves of a bundle: 2 bytes of length, big-endian, before each.
func leaves(s served, index, width int64) [][]byte {
	tile := tlog.Tile{H: 8, L: 0, N: index, W: int(width)}
	path := strings.Replace(strings.TrimPrefix(tile.Path(), "tile/8/"), "0/", "entries/", 1)
	body, err := s.get("tile/" + path)
	must(err)
	var found [][]byte
	for len(body) >= 2 {
		length := int(body[0])<<8 | int(body[1])
		found = append(found, body[2:2+length])
		body = body[2+length:]
	}
	return found
}

func main() {
	log.SetFlags(0)
	s := served{os.Args[1], os.Args[2], os.Args[3]}
	tree := checkpoint(s)
	reader := tlog.TileHashReader(tree, s) // checks every tile against the root
	root, err := tlog.TreeHash(tree.N, reader)
	must(err)
	if root != tree.Hash {
		log.Fatal("the tiles do not give the root")
	}
	for at := int64(0); at < tree.N; at += 256 {
		width := tree.N - at
		if width > 256 {
			width = 256
		}
		for i, leaf := range leaves(s, at/256, width) {
			index := at + int64(i)
			proof, err := tlog.ProveRecord(tree.N, index, reader)
			must(err)
			must(tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(leaf)))
			if tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(append([]byte("x"), leaf...))) == nil {
				log.Fatal("another leaf is taken, too")
			}
		}
	}
	sizes := 0
	for size := int64(1); size <= tree.N; size += 1 + size/3 {
		old, err := tlog.TreeHash(size, reader)
		must(err)
		proof, err := tlog.ProveTree(tree.N, size, reader)
		must(err)
		must(tlog.CheckTree(proof, tree.N, tree.Hash, size, old))
		ours := text(s, fmt.Sprintf("consistency?from=%d&to=%d", size, tree.N))
		for _, hash := range proof {
			if !bytes.Contains([]byte(ours), []byte(hash.String())) {
				log.Fatalf("the server proves %d to %d otherwise", size, tree.N)
			}
		}
		sizes++
	}
	fmt.Printf("%d leaves, %d older sizes\n", tree.N, sizes)
}
