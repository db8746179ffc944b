// Judges every case in a folder by crypto/x509, revocation included: one line each, name, verdict, reason.
package main

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

var errRevoked = errors.New("revoked")

func main() {
	cases, err := os.ReadDir(os.Args[1])
	if err != nil {
		panic(err)
	}
	for _, one := range cases {
		verdict, reason := "good", ""
		if err := judge(filepath.Join(os.Args[1], one.Name())); errors.Is(err, errRevoked) {
			verdict = "revoked"
		} else if err != nil {
			verdict, reason = "refused", err.Error()
		}
		fmt.Printf("%s\t%s\t%s\n", one.Name(), verdict, reason)
	}
}

func judge(folder string) error {
	leaf, err := certificates(filepath.Join(folder, "leaf.crt"))
	if err != nil {
		return err
	}
	between, err := certificates(filepath.Join(folder, "chain.crt"))
	if err != nil {
		return err
	}
	root, err := certificates(filepath.Join(folder, "root.crt"))
	if err != nil {
		return err
	}
	purpose, err := os.ReadFile(filepath.Join(folder, "purpose"))
	if err != nil {
		return err
	}
	usage := x509.ExtKeyUsageClientAuth
	if string(purpose) == "server" {
		usage = x509.ExtKeyUsageServerAuth
	}
	options := x509.VerifyOptions{
		Roots: pool(root), Intermediates: pool(between), KeyUsages: []x509.ExtKeyUsage{usage},
	}
	chains, err := leaf[0].Verify(options)
	if err != nil {
		return err
	}
	crls, err := revocationLists(filepath.Join(folder, "crls.pem"))
	if err != nil {
		return err
	}
	for index, certificate := range chains[0][:len(chains[0])-1] {
		if err := checkRevocation(certificate, chains[0][index+1], crls); err != nil {
			return err
		}
	}
	return nil
}

func checkRevocation(certificate, issuer *x509.Certificate, crls []*x509.RevocationList) error {
	for _, crl := range crls {
		if !bytes.Equal(crl.RawIssuer, issuer.RawSubject) {
			continue
		}
		if err := crl.CheckSignatureFrom(issuer); err != nil {
			return err
		}
		if now := time.Now(); now.Before(crl.ThisUpdate) || now.After(crl.NextUpdate) {
			return errors.New("the CRL is not of this time")
		}
		// Go 1.19 gives the whole extension, later versions the identifier.
		if !bytes.HasSuffix(crl.AuthorityKeyId, issuer.SubjectKeyId) {
			return errors.New("the CRL has another key identifier")
		}
		for _, revoked := range crl.RevokedCertificates {
			if revoked.SerialNumber.Cmp(certificate.SerialNumber) == 0 {
				return errRevoked
			}
		}
		return nil
	}
	return errors.New("there is no CRL of the issuer")
}

func blocks(file, label string, read func(der []byte) error) error {
	text, err := os.ReadFile(file)
	for err == nil {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return nil
		}
		if block.Type != label {
			return fmt.Errorf("%s has a %s", file, block.Type)
		}
		err = read(block.Bytes)
	}
	return err
}

func certificates(file string) (found []*x509.Certificate, err error) {
	err = blocks(file, "CERTIFICATE", func(der []byte) error {
		certificate, err := x509.ParseCertificate(der)
		found = append(found, certificate)
		return err
	})
	return found, err
}

func revocationLists(file string) (found []*x509.RevocationList, err error) {
	err = blocks(file, "X509 CRL", func(der []byte) error {
		crl, err := x509.ParseRevocationList(der)
		found = append(found, crl)
		return err
	})
	return found, err
}

func pool(certificates []*x509.Certificate) *x509.CertPool {
	result := x509.NewCertPool()
	for _, certificate := range certificates {
		result.AddCert(certificate)
	}
	return result
}
