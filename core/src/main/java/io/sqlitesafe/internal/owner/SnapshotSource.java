package io.sqlitesafe.internal.owner;

import io.sqlitesafe.error.Cancellation;
import io.sqlitesafe.internal.copy.Source;
import io.sqlitesafe.internal.lock.LockPaths;
import io.sqlitesafe.internal.lock.ReaderLock;
import io.sqlitesafe.lock.ExclusiveLock;
import io.sqlitesafe.lock.LockListener;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A site as snapshots know it.
 *
 * @param software name and version of this program
 */
public record SnapshotSource(Site site, String software) implements Source {
  @Override
  public LockPaths paths() {
    return site.paths();
  }

  @Override
  public Cancellation cancellation() {
    return site.cancellation();
  }

  @Override
  public Duration patience() {
    return site.rest(Duration.ZERO);
  }

  @Override
  public @Nullable Duration patienceOrForever() {
    return site.patience();
  }

  private Admission admission() {
    return new Admission(site);
  }

  @Override
  public void requireServed() {
    admission().requireServed();
  }

  @Override
  public boolean isNetworkExclusive() {
    return site.isNetworkExclusive();
  }

  @Override
  public ReaderLock lockToRead() {
    return new Reading(site).lockToRead();
  }

  @Override
  public ExclusiveLock admit(@Nullable Duration patience, List<String> warnings) {
    return admission().lock(patience, collecting(warnings));
  }

  @Override
  public ExclusiveLock admitToCopy(@Nullable Duration patience, List<String> warnings) {
    return admission().lockToCopy(patience, collecting(warnings));
  }

  private LockListener collecting(List<String> warnings) {
    return new Warnings(site.listener(), warnings);
  }

  @Override
  public @Nullable String doubt() {
    return admission().doubt();
  }

  @Override
  public void tell(@Nullable String note) {
    if (note != null) {
      site.listener().tidied(note);
    }
  }

  @Override
  public void recover() {
    new Reading(site).recover();
  }

  @Override
  public void drain(ExclusiveLock lock) {
    Drained.toLook(site, lock).close();
  }
}
