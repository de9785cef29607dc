package io.sqlitesafe.lock;

import org.jspecify.annotations.Nullable;

/**
 * Which process on which host in which boot. A member that a system cannot tell is null, and then
 * proves nothing.
 *
 * @param pid process id within {@code pidNamespace}; 0 where unknown
 * @param hostname name of the host, a hint for people and for the reboot evidence
 * @param startTime start time, comparable within one boot and one time name space: a pid alone is
 *     reused. On Linux field 22 of {@code /proc/self/stat}, in ticks
 * @param bootId identity of the running boot
 * @param pidNamespace the name space that {@code pid} counts in: every container has its own pid 1
 * @param timeNamespace the name space that {@code startTime} counts in; null where the kernel has
 *     none
 * @param machineId salted hash of the machine's identity
 */
public record ProcessIdentity(
    long pid,
    String hostname,
    @Nullable String startTime,
    @Nullable String bootId,
    @Nullable String pidNamespace,
    @Nullable String timeNamespace,
    @Nullable String machineId) {
  /** How many digits of a {@link #bootPrefix} are the machine's. */
  public static final int MACHINE_DIGITS = 8;

  private static final int BOOT_DIGITS = 4;

  /**
   * How the tokens of this boot begin (protocol section 2): by a name alone, without the record, it
   * can be told that an owner was of this machine and an earlier boot. Null where machine or boot
   * are not known.
   */
  public @Nullable String bootPrefix() {
    if (machineId == null || bootId == null) {
      return null;
    }
    boolean known = isHex(machineId, MACHINE_DIGITS) && isHex(bootId, BOOT_DIGITS);
    return known ? machineId.substring(0, MACHINE_DIGITS) + bootId.substring(0, BOOT_DIGITS) : null;
  }

  private static boolean isHex(String text, int digits) {
    return text.length() >= digits
        && LockToken.isToken(text.substring(0, digits) + "0".repeat(LockToken.DIGITS - digits));
  }

  /** Another process in the same name spaces of the same boot. */
  public ProcessIdentity sibling(long otherPid, @Nullable String otherStart) {
    return new ProcessIdentity(
        otherPid, hostname, otherStart, bootId, pidNamespace, timeNamespace, machineId);
  }
}
