//go:build ignore

// Command verify_export checks a log that was exported as static files (C2SP tlog-tiles) with Go's transparency log
// packages alone: the checkpoint's signature, every tile up to the root, every leaf, and an inclusion proof for each of
// some leaves.
//
//	verify_export -key VERIFIER-KEY FOLDER
//
// Exits 0 when all holds, 1 otherwise.
package main

import (
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	height = 8
	width  = 1 << height
)

// folder reads tiles. Go's paths name the height of a tile, those of C2SP have it fixed at 8.
type folder struct {
	path  string
	tiles map[tlog.Tile][]byte
}

func (f *folder) Height() int { return height }

func (f *folder) SaveTiles([]tlog.Tile, [][]byte) {}

func (f *folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	out := make([][]byte, len(tiles))
	for i, tile := range tiles {
		data, known := f.tiles[tile]
		if !known {
			var err error
			path := strings.Replace(tile.Path(), fmt.Sprintf("tile/%d/", height), "tile/", 1)
			if data, err = os.ReadFile(filepath.Join(f.path, path)); err != nil {
				return nil, err
			}
			f.tiles[tile] = data
		}
		out[i] = data
	}
	return out, nil
}

// leaves reads the entry bundle n, of which w leaves are expected.
func (f *folder) leaves(n int64, w int) ([][]byte, error) {
	path := strings.Replace(tlog.Tile{H: height, L: 0, N: n, W: w}.Path(), fmt.Sprintf("tile/%d/0/", height), "tile/entries/", 1)
	data, err := os.ReadFile(filepath.Join(f.path, path))
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for len(data) > 0 {
		if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
			return nil, fmt.Errorf("%s is cut short", path)
		}
		end := 2 + int(binary.BigEndian.Uint16(data))
		out = append(out, data[2:end])
		data = data[end:]
	}
	if len(out) != w {
		return nil, fmt.Errorf("%s has %d leaves instead of %d", path, len(out), w)
	}
	return out, nil
}

func main() {
	key := flag.String("key", "", "verifier key of the log")
	flag.Parse()
	size, err := run(*key, flag.Arg(0))
	if err != nil {
		fmt.Fprintln(os.Stderr, "not verified:", err)
		os.Exit(1)
	}
	fmt.Printf("verified: %d entries\n", size)
}

func run(key, path string) (int64, error) {
	tree, err := readCheckpoint(key, filepath.Join(path, "checkpoint"))
	if err != nil {
		return 0, err
	}
	files := &folder{path, map[tlog.Tile][]byte{}}
	// This reader refuses every tile that does not lead to the root.
	reader := tlog.TileHashReader(tree, files)
	for first := int64(0); first < tree.N; first += width {
		if err := checkBundle(files, reader, tree, first); err != nil {
			return 0, err
		}
	}
	return tree.N, nil
}

func checkBundle(files *folder, reader tlog.HashReader, tree tlog.Tree, first int64) error {
	count := tree.N - first
	if count > width {
		count = width
	}
	leaves, err := files.leaves(first/width, int(count))
	if err != nil {
		return err
	}
	indexes := make([]int64, count)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
	}
	hashes, err := reader.ReadHashes(indexes)
	if err != nil {
		return err
	}
	for i, leaf := range leaves {
		if tlog.RecordHash(leaf) != hashes[i] {
			return fmt.Errorf("entry %d is not the one of its tile", first+int64(i))
		}
	}
	proof, err := tlog.ProveRecord(tree.N, first, reader)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, first, hashes[0])
}

func readCheckpoint(key, path string) (tlog.Tree, error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return tlog.Tree{}, err
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return tlog.Tree{}, err
	}
	opened, err := note.Open(text, note.VerifierList(verifier))
	if err != nil {
		return tlog.Tree{}, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) < 4 || lines[0] != verifier.Name() {
		return tlog.Tree{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return tlog.Tree{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return tlog.Tree{N: size, Hash: root}, err
}
