import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CRL;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** Judges every case in a folder by Java's PKIX validator, revocation included: one line each, name, verdict, reason. */
public final class PkixOracle {
  private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
  private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

  public static void main(String[] args) throws IOException {
    try (Stream<Path> cases = Files.list(Path.of(args[0]))) {
      for (Path one : (Iterable<Path>) cases.sorted()::iterator) {
        System.out.println(one.getFileName() + "\t" + verdict(one));
      }
    }
  }

  private static String verdict(Path one) throws IOException {
    try {
      validate(one);
      return "good\t";
    } catch (CertPathValidatorException error) {
      return (error.getReason() == BasicReason.REVOKED ? "revoked" : "refused") + "\t" + error.getMessage();
    } catch (GeneralSecurityException error) {
      return "refused\t" + error;
    }
  }

  private static void validate(Path one) throws IOException, GeneralSecurityException {
    List<Certificate> path = new ArrayList<>(certificates(one.resolve("leaf.crt")));
    path.addAll(certificates(one.resolve("chain.crt")));
    X509Certificate root = (X509Certificate) certificates(one.resolve("root.crt")).iterator().next();
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
    parameters.setRevocationEnabled(true);
    parameters.addCertStore(
        CertStore.getInstance("Collection", new CollectionCertStoreParameters(crls(one.resolve("crls.pem")))));
    CertPathValidator.getInstance("PKIX").validate(factory().generateCertPath(path), parameters);
    String purpose = Files.readString(one.resolve("purpose")).equals("server") ? SERVER_AUTH : CLIENT_AUTH;
    if (!((X509Certificate) path.get(0)).getExtendedKeyUsage().contains(purpose)) {
      throw new GeneralSecurityException("the certificate is for another purpose");
    }
  }

  private static CertificateFactory factory() throws GeneralSecurityException {
    return CertificateFactory.getInstance("X.509");
  }

  private static Collection<? extends Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
    try (InputStream input = Files.newInputStream(file)) {
      return factory().generateCertificates(input);
    }
  }

  private static Collection<? extends CRL> crls(Path file) throws IOException, GeneralSecurityException {
    try (InputStream input = Files.newInputStream(file)) {
      return factory().generateCRLs(input);
    }
  }
}
