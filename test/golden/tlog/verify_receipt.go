//go:build ignore

// Command verify_receipt checks a receipt with Go's transparency log packages alone.
//
//	verify_receipt -key VERIFIER-KEY (-receipt FILE | -profile FILE) [-leaf FILE]
//
// With -profile the receipt is taken from the comments of an .ovpn file and the leaf is put together from the receipt's
// extra data and the first certificate of its <cert> block; with -receipt the leaf's bytes come from -leaf or, without
// it, from the extra data. Exits 0 when all holds, 1 otherwise.
package main

import (
	"encoding/base64"
	"encoding/binary"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	header = "c2sp.org/tlog-proof@v1"
	begin  = "# --- begin certificate log receipt ---"
	end    = "# --- end certificate log receipt ---"
)

type receipt struct {
	extra      []byte
	index      int64
	proof      tlog.RecordProof
	checkpoint string
}

func main() {
	key := flag.String("key", "", "verifier key of the log")
	receiptFile := flag.String("receipt", "", "receipt")
	profileFile := flag.String("profile", "", "OpenVPN profile with a receipt in its comments")
	leafFile := flag.String("leaf", "", "leaf bytes")
	flag.Parse()
	size, index, err := run(*key, *receiptFile, *profileFile, *leafFile)
	if err != nil {
		fmt.Fprintln(os.Stderr, "not verified:", err)
		os.Exit(1)
	}
	fmt.Printf("verified: entry %d in a log of %d entries\n", index, size)
}

func run(key, receiptFile, profileFile, leafFile string) (size, index int64, err error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return 0, 0, err
	}
	r, leaf, err := load(receiptFile, profileFile, leafFile)
	if err != nil {
		return 0, 0, err
	}
	opened, err := note.Open([]byte(r.checkpoint), note.VerifierList(verifier))
	if err != nil {
		return 0, 0, err
	}
	size, root, err := parseCheckpoint(opened.Text, verifier.Name())
	if err != nil {
		return 0, 0, err
	}
	return size, r.index, tlog.CheckRecord(r.proof, size, root, r.index, tlog.RecordHash(leaf))
}

func load(receiptFile, profileFile, leafFile string) (*receipt, []byte, error) {
	if profileFile != "" {
		profile, err := os.ReadFile(profileFile)
		if err != nil {
			return nil, nil, err
		}
		text, err := receiptOfProfile(string(profile))
		if err != nil {
			return nil, nil, err
		}
		r, err := parseReceipt(text)
		if err != nil {
			return nil, nil, err
		}
		leaf, err := rebuildLeaf(r.extra, string(profile))
		return r, leaf, err
	}
	text, err := os.ReadFile(receiptFile)
	if err != nil {
		return nil, nil, err
	}
	r, err := parseReceipt(string(text))
	if err != nil || leafFile == "" {
		if err == nil && r.extra == nil {
			err = errors.New("neither -leaf nor extra data")
		}
		if err != nil {
			return nil, nil, err
		}
		return r, r.extra, nil
	}
	leaf, err := os.ReadFile(leafFile)
	return r, leaf, err
}

func receiptOfProfile(profile string) (string, error) {
	_, after, found := strings.Cut(strings.ReplaceAll(profile, "\r\n", "\n"), begin+"\n")
	body, _, closed := strings.Cut(after, end)
	if !found || !closed {
		return "", errors.New("the profile holds no receipt")
	}
	var lines []string
	for _, line := range strings.Split(strings.TrimSuffix(body, "\n"), "\n") {
		switch {
		case strings.HasPrefix(line, "#  ") && len(lines) > 0:
			lines[len(lines)-1] += line[3:]
		case strings.TrimRight(line, " ") == "#":
			lines = append(lines, "")
		case strings.HasPrefix(line, "# "):
			lines = append(lines, line[2:])
		default:
			return "", errors.New("a line of the receipt is not a comment")
		}
	}
	return strings.Join(lines, "\n"), nil
}

func rebuildLeaf(extra []byte, profile string) ([]byte, error) {
	_, after, found := strings.Cut(profile, "<cert>")
	body, _, closed := strings.Cut(after, "</cert>")
	block, _ := pem.Decode([]byte(strings.TrimLeft(body, "\r\n")))
	if !found || !closed || block == nil || block.Type != "CERTIFICATE" {
		return nil, errors.New("the profile holds no certificate")
	}
	leaf := append([]byte{}, extra...)
	leaf = append(leaf, 0, 0)
	binary.BigEndian.PutUint16(leaf[len(extra):], uint16(len(block.Bytes)))
	return append(leaf, block.Bytes...), nil
}

func parseReceipt(text string) (*receipt, error) {
	head, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || lines[0] != header {
		return nil, errors.New("not a receipt")
	}
	r := &receipt{checkpoint: checkpoint}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		extra, err := base64.StdEncoding.DecodeString(lines[0][len("extra "):])
		if err != nil {
			return nil, err
		}
		r.extra, lines = extra, lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return nil, errors.New("the receipt has no index")
	}
	index, err := strconv.ParseInt(lines[0][len("index "):], 10, 64)
	if err != nil {
		return nil, err
	}
	r.index = index
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, err
		}
		r.proof = append(r.proof, hash)
	}
	return r, nil
}

func parseCheckpoint(text, origin string) (int64, tlog.Hash, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] != origin {
		return 0, tlog.Hash{}, errors.New("not a checkpoint of this log")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil {
		return 0, tlog.Hash{}, err
	}
	root, err := tlog.ParseHash(lines[2])
	return size, root, err
}
