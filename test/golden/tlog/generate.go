//go:build ignore

// Command generate writes golden.json: roots, proofs and a signed note as Go's own transparency log packages make them.
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go run generate.go > golden.json
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"log"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type root struct {
	Size int64  `json:"size"`
	Root string `json:"root"`
}

type inclusion struct {
	Index int64    `json:"index"`
	Size  int64    `json:"size"`
	Proof []string `json:"proof"`
}

type consistency struct {
	From  int64    `json:"from"`
	To    int64    `json:"to"`
	Proof []string `json:"proof"`
}

type signed struct {
	PrivateKey  string `json:"privateKey"`
	VerifierKey string `json:"verifierKey"`
	Note        string `json:"note"`
}

// digests stand for every root and proof of the tree, which would fill megabytes: each is the SHA-256 over all of them in
// order of size and then of index or older size, a proof as one byte of length and its hashes.
type digests struct {
	Roots       string `json:"roots"`
	Inclusion   string `json:"inclusion"`
	Consistency string `json:"consistency"`
}

type golden struct {
	Comment     string        `json:"comment"`
	Digests     digests       `json:"digests"`
	Roots       []root        `json:"roots"`
	Inclusion   []inclusion   `json:"inclusion"`
	Consistency []consistency `json:"consistency"`
	Tiles       []string      `json:"tiles"`
	Signed      signed        `json:"signed"`
}

const leaves = 300

// Sizes around the powers of two and the width of a tile, where an off-by-one would show.
var sizes = []int64{1, 2, 3, 4, 5, 6, 7, 8, 9, 13, 15, 16, 17, 31, 32, 33, 63, 64, 65, 100, 255, 256, 257, 300}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func encode(hashes []tlog.Hash) []string {
	out := []string{}
	for _, h := range hashes {
		out = append(out, base64.StdEncoding.EncodeToString(h[:]))
	}
	return out
}

func main() {
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, len(indexes))
		for i, index := range indexes {
			out[i] = stored[index]
		}
		return out, nil
	})
	g := golden{Comment: "leaf i is the ASCII text \"leaf <i>\"; made by generate.go"}
	for n := int64(0); n < leaves; n++ {
		hashes, err := tlog.StoredHashes(n, []byte(fmt.Sprintf("leaf %d", n)), reader)
		must(err)
		stored = append(stored, hashes...)
	}
	roots := map[int64]tlog.Hash{}
	for size := int64(1); size <= leaves; size++ {
		h, err := tlog.TreeHash(size, reader)
		must(err)
		roots[size] = h
		g.Roots = append(g.Roots, root{size, base64.StdEncoding.EncodeToString(h[:])})
	}
	g.Digests = digest(roots, reader)
	for _, size := range sizes {
		for index := int64(0); index < size; index++ {
			if size > 20 && index%7 != 0 && index != size-1 {
				continue
			}
			p, err := tlog.ProveRecord(size, index, reader)
			must(err)
			g.Inclusion = append(g.Inclusion, inclusion{index, size, encode(p)})
		}
		for _, from := range sizes {
			if from > size {
				continue
			}
			p, err := tlog.ProveTree(size, from, reader)
			must(err)
			g.Consistency = append(g.Consistency, consistency{from, size, encode(p)})
		}
	}
	for _, n := range []int64{0, 1, 999, 1000, 1234067, 999999999} {
		for _, w := range []int{256, 1, 255} {
			// Go's paths name the height of a tile, those of C2SP have it fixed at 8.
			path := tlog.Tile{H: 8, L: 3, N: n, W: w}.Path()
			g.Tiles = append(g.Tiles, "tile/"+path[len("tile/8/"):])
		}
	}
	g.Signed = sign(roots[leaves])
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	out.SetIndent("", " ")
	must(out.Encode(g))
}

func digest(roots map[int64]tlog.Hash, reader tlog.HashReader) digests {
	root, inclusion, consistency := sha256.New(), sha256.New(), sha256.New()
	for size := int64(1); size <= leaves; size++ {
		h := roots[size]
		root.Write(h[:])
		for index := int64(0); index < size; index++ {
			p, err := tlog.ProveRecord(size, index, reader)
			must(err)
			add(inclusion, p)
		}
		for from := int64(1); from <= size; from++ {
			p, err := tlog.ProveTree(size, from, reader)
			must(err)
			add(consistency, p)
		}
	}
	return digests{sum(root), sum(inclusion), sum(consistency)}
}

func add(to hash.Hash, proof []tlog.Hash) {
	to.Write([]byte{byte(len(proof))})
	for _, h := range proof {
		to.Write(h[:])
	}
}

func sum(of hash.Hash) string {
	return hex.EncodeToString(of.Sum(nil))
}

func sign(h tlog.Hash) signed {
	// A fixed seed, so that the file comes out the same each time. It protects nothing.
	skey, vkey, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{0x42}, 32)), "log.example/golden")
	must(err)
	signer, err := note.NewSigner(skey)
	must(err)
	text := fmt.Sprintf("log.example/golden\n%d\n%s\n", leaves, base64.StdEncoding.EncodeToString(h[:]))
	msg, err := note.Sign(&note.Note{Text: text}, signer)
	must(err)
	return signed{skey, vkey, string(msg)}
}
