package com.oracle.svm.core.jdk;

import com.oracle.svm.core.util.VMError;
import java.security.Provider;

/**
 * Takes the place of svm 23.0.6's class of this name. Up to OpenJDK 17.0.13 the key of JceSecurity's table of verified providers was an IdentityWrapper; since 17.0.14
 * it is a WeakIdentityWrapper, which wants a queue as well. Nothing is ever put into a queue here: providers live as long as the executable's image.
 */
final class JceSecurityUtil {
  private JceSecurityUtil() {}

  static Object providerKey(Provider provider) {
    return new Target_javax_crypto_JceSecurity_IdentityWrapper(provider, null);
  }

  static RuntimeException shouldNotReach(String method) {
    return VMError.shouldNotReachHere(method + " is called at run time");
  }
}
