package com.oracle.svm.core.jdk;

import com.oracle.svm.core.annotate.Alias;
import com.oracle.svm.core.annotate.TargetClass;
import java.lang.ref.ReferenceQueue;
import java.security.Provider;

/** The key that {@link JceSecurityUtil} makes; it keeps the name that the rest of svm knows. */
@TargetClass(className = "javax.crypto.JceSecurity", innerClass = "WeakIdentityWrapper")
final class Target_javax_crypto_JceSecurity_IdentityWrapper {
  @Alias
  @SuppressWarnings("unused")
  Target_javax_crypto_JceSecurity_IdentityWrapper(Provider provider, ReferenceQueue<Object> queue) {}
}
