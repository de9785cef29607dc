/* lock.pml - machine check of the lock protocol sqlite-session-safe.lock.v1, described in
 * sqlite-safe-lock(7); step names (A1, C2, R3 ...) are those of the man page.
 * run-model.sh runs it, runs.tsv lists the runs.
 *
 * Every file-system operation is one atomic step; between any two steps any process may be
 * delayed for ever, delayed past its staleness limit and revived, or crash.  A "judgement" is
 * nondeterministic: a crashed owner may be judged stale, and up to WRONG times a LIVE owner may
 * be judged stale as well (= it was paused longer than staleAfter, then revives).
 *
 *   safety + deadlock:  spin -a [-Dname=value ...] lock.pml
 *       gcc -O2 -DSAFETY -DNOCLAIM -DCOLLAPSE -DMEMLIM=8000 -o pan pan.c && ./pan -m3000000
 *   liveness (writer 0 eventually owns, weak fairness):
 *       gcc -O2 -DCOLLAPSE -DNFAIR=8 -DMEMLIM=8000 -o pan pan.c && ./pan -a -f -m3000000 -N live
 *
 * PROTO  0 the specified protocol                       (all other values are rejected designs)
 *        1 stat stale, rmdir, mkdir                     (proper-lockfile, npm lockfile)
 *        2 rename aside, verify afterwards              (filelock break_lock_file style)
 *        3 break-file mutex, Dekker check in acquirer; 31 = break file is never stolen
 *        4 mkdir, then owner.json by temp+rename; empty directory broken after a grace period
 *        5 remove by rename to a tomb named after the victim
 * COMMIT 0 trusted: drain RESERVED on acquire, check the claim while holding RESERVED
 *        1 trusted, but without the drain               (rejected)
 *        2 trusted, but check before taking RESERVED    (rejected)
 *        3 nolock in place, no timing assumption        (residual window, expected to fail)
 *        4 nolock in place, assume no judgement while the holder is between check and commit
 *        5 as 4, and assume judge+unlink is not interrupted by a long pause
 *          (-DUNGUARDED_OPEN: revived holder opens the database without a claim check; rejected)
 *          (-DLOOSE_PID: dead-pid evidence from an owner.json that names another token; rejected)
 *        6 nolock publish: the claim file is the new image, commit = rename(claim -> db)
 *
 * Variants of the trusted session (COMMIT 0):
 *   TX=n             n transactions in a session; each ends in a commit or, unchecked, in a rollback
 *   MERGED_DRAIN     no drain transaction of its own: the first BEGIN IMMEDIATE is the drain, the session
 *                    reads nothing before it and keeps RESERVED from there to the end of the transaction
 *   rejected, they must fail: EARLY_READ     the session reads before its first BEGIN IMMEDIATE
 *                             UNCHECKED_TX1  the first transaction commits without the claim check
 *                             EARLY_CHECK    the claim is checked before RESERVED is taken
 *   With MERGED_DRAIN and TX=1 RESERVED alone makes the assertion true; only TX=2 tests the lock.
 *
 * NFS "silly rename" and what to do about it:
 *   SILLY=n          n times an unlink in the lock directory leaves a .nfs* name there, which a process that
 *                    is no owner keeps for any time, or for ever
 *   ASIDE  0         nobody but that process can get rid of it (such a directory blocks everybody)
 *          1         a directory seen to hold nothing but .nfs* names is renamed aside; the rename comes any
 *                    time after the look, so it may move a later instance together with its live claim
 *          2         only the .nfs* file is moved, out of the lock directory
 *   SPLIT_PATH       "L/claim.t" is resolved in two steps: find L, later act in the directory found, wherever
 *                    it is by then (a process paused inside the system call, or a cached directory handle)
 *   SPURIOUS_REACHED fail when a live claim is moved aside (shows that the search gets there)
 *
 * A locker of another make, whose lock is an empty directory at the same path (mkdir; work; rmdir):
 *   FOREIGN=n        n of its sessions; it knows nothing of RESERVED (SQLite's), of judging or of draining, may be
 *                    slow, and may crash as the writers may.  Only with WRONG=0: nothing fences a living owner that
 *                    was broken against it
 *   FOREIGN_LIVES    it does not crash (else its directory stays, and only an operator can help)
 *   Rejected: GRACE_FOREIGN   an empty directory is taken over whoever made it
 *             NO_MARK         nobody marks the directory that is going to be empty (none dares to remove it after a crash)
 *             MARK_LATE       only CLEAN marks it, not whoever takes the claim away before that
 *             NO_E1           a takeover does not remove the other prepared directories N(y) first
 *             NO_E2           a takeover does not look for the very reservation that it has seen once more
 *             TAKE_CLEANED    a directory emptied by a cleaner is taken over as a reservation is, by A3
 *             RMDIR_TAKEOVER  a reservation is taken over by E1, E2 and rmdir
 *             LATE_RMDIR      the last look at what is removed and its rmdir may be far apart
 *             E2_ANY          it looks for any reservation
 *   E4               the other prepared directories are removed once more before the taker counts itself owner
 *   OVERLAP=n        takeovers of two writers overlap n times at most (their random pauses), for liveness: they may remove
 *                    each other's N(y) as often as they overlap
 *   PARTLY           removing N(y) is two steps: its claim, then the rest
 *
 * WORKER: the owner only keeps the lock, another process of its host works under it, and may outlive it.  Dead is
 * judged by looking, so WRONG is not used.  Rejected:
 *             FIRST_PID       judged by the owner's process alone
 *             NO_REREAD       the record is not read again after the processes were found missing
 *             WORKER_EARLY    the worker begins before the record names it
 *
 * FORCE=n: n times a person's word moves the lock directory aside whole, as its claim cannot be removed; SPLIT_PATH as
 * above.  FORCE_LOOKED: and its last look at the claim is directly before.
 *
 * A caching client, and what is left out where that is of no matter:
 *   CACHED=n         n times the look of A4, which has no barrier of its own, is answered from a cache: the claim was
 *                    published, and is gone by now
 *   YOUNG_BEAT       a commit may be without a beat of its own (H1 to H3), as the last one is young
 *   Rejected: CACHED_COMMIT   the check before the commit is answered from a cache, too (no barrier)
 *
 * CHECK_ONCE (with TX > 1): an owner that keeps the lock checks the claim before its first commit only (rejected).
 */
#ifndef PROTO
#define PROTO 0
#endif
#ifndef COMMIT
#define COMMIT 0
#endif
#ifndef NW
#define NW 3            /* contending writers; each is also a breaker and a cleaner */
#endif
#ifndef MAXA
#define MAXA 1          /* tokens (lock instances) per writer */
#endif
#ifndef MAXB
#define MAXB MAXA       /* tokens of the writers other than writer 0 */
#endif
#ifndef MAXCRASH
#define MAXCRASH 2      /* crashes in total; writer 0 never crashes */
#endif
#ifndef WRONG
#define WRONG 2         /* how often a live owner may be judged stale */
#endif
#ifndef AMBIG
#define AMBIG 1         /* how often mkdir may succeed but report EEXIST */
#endif
#ifndef REPLACE
#define REPLACE 1       /* 1: rename(dir -> empty dir) replaces it (POSIX, NFS); 0: refused (SMB, Windows); */
#endif                  /* 2: refused for writer 0 only (mixed clients of one share) */
#define REP (REPLACE == 1 || (REPLACE == 2 && me != 0))
#ifndef GHOST
#define GHOST 0         /* delayed duplicates of RPCs executed by an NFS server without reply cache */
#endif
#ifndef NRD
#define NRD 0           /* shared readers (network-exclusive mode) */
#endif
#ifndef MAXR
#define MAXR 2          /* markers per reader */
#endif
#ifndef TX
#define TX 1            /* transactions per trusted session */
#endif
#ifndef SILLY
#define SILLY 0
#endif
#ifndef ASIDE
#define ASIDE 0
#endif
#ifndef CACHED
#define CACHED 0
#endif
#ifndef FOREIGN
#define FOREIGN 0
#endif
#ifndef FORCE
#define FORCE 0
#endif
#if FOREIGN > 0 && (WRONG > 0 || REPLACE != 1 || SILLY > 0 || GHOST > 0)
#error FOREIGN is for WRONG=0 on file systems where rename replaces an empty directory
#endif
#if defined(MERGED_DRAIN) || TX > 1
#define SESSION 1       /* the general form of a trusted session; else the short one: drain + one transaction */
#endif
#if defined(SESSION) && COMMIT != 0
#error MERGED_DRAIN and TX are for COMMIT=0
#endif
#if (defined(EARLY_READ) || defined(UNCHECKED_TX1) || defined(EARLY_CHECK) || defined(CHECK_ONCE)) && !defined(SESSION)
#error EARLY_READ, UNCHECKED_TX1, EARLY_CHECK and CHECK_ONCE need MERGED_DRAIN or TX > 1
#endif
#define NTOK (NW*MAXA)

byte crashes, wrong, ambig;
byte v;                         /* database content version */
bool wr;                        /* in-place write under way, or hot journal left by a crash */
bool dead[NTOK+1];              /* the process that published this token has crashed */
bool got0;                      /* writer 0 owned the lock at least once */
#define CR   if :: skip :: (me != 0 && crashes < MAXCRASH) -> crashes++; goto died fi

#if CACHED > 0
byte cached;
#if FOREIGN > 0
#error CACHED is for FOREIGN=0
#endif
#endif
#ifdef CACHED_COMMIT
#define FROM_CACHE :: (!MINE && cached < CACHED) -> cached++
#else
#define FROM_CACHE
#endif
#ifdef YOUNG_BEAT
#define MAY_LEAVE_OUT :: skip
#else
#define MAY_LEAVE_OUT
#endif

#if PROTO == 0
/* ------------------------------------------------------------------ lock directory <db>.lock */
bool L;                         /* the directory exists */
byte C;                         /* token of the claim.<token> file inside it; 0 = none */
byte OJ; bool HB;               /* owner.json (token it names, 0 = missing), heartbeat present */
byte RES;                       /* SQLite RESERVED lock: 0 or writer+1 (the kernel frees it on a crash) */
bool win[NTOK+1];
#ifndef OVERLAP
#define DONE_TAKING
#endif
#if FOREIGN > 0
byte K;                         /* what made the directory: */
#ifdef NO_MARK
#define MARK
#define MARK_IN_CLEAN
#else
#define MARK_IN_CLEAN K = CLEANED; RV = 0;
#ifdef MARK_LATE
#define MARK
#else
#define MARK if :: (L && C != 0) -> K = CLEANED; RV = 0 :: else fi;
#endif
#endif
#define RESERVED 0              /*   mkdir without write bits (A2) */
#define PUBLISHED 1             /*   A3 */
#define CLEANED 2               /*   A3, and the mark of a cleaner that is about to empty it */
#define THEIRS 3                /*   the locker of another make */
byte RV;                        /* identity of a reservation: its maker's token */
byte N[NTOK+1];                 /* N(t): 0 gone, 1 without its claim, 2 complete */
#ifdef OVERLAP
bool taking[NW]; byte overlaps;
#define TAKING(is) taking[me] = is;
#define DONE_TAKING TAKING(false)
#else
#define TAKING(is)
#endif
bool theirs;                    /* the foreign locker believes that it has the lock */
bool gone;                      /* it has crashed, and its directory stays */
#endif
#if SILLY > 0
bool J; byte silly;             /* a .nfs* name is in the directory; how often that has come about */
#define LEFTOVER ; if :: skip :: (silly < SILLY) -> silly++; J = true fi
#define NEWDIR ; J = false
#define EMPTY (C == 0 && OJ == 0 && !HB && !J)
#else
#define LEFTOVER
#define NEWDIR
#define EMPTY (C == 0 && OJ == 0 && !HB)
#endif
#if FORCE > 0
byte forced;
#endif
#ifdef WORKER
byte RW[NTOK+1];                /* owner.json names a worker */
byte wst[NTOK+1];               /* worker: 0 none, 1 alive, 2 dead or done */
bool go[NTOK+1];                /* its pipe: it may begin */
#endif
#if ASIDE == 1 || FORCE > 0
bool asided;                    /* some directory has been renamed aside */
#ifdef SPLIT_PATH
bool out[NTOK+1];               /* this claim lives on in a directory that was renamed aside */
#define MOVEAWAY out[C] = true;
#else
#define MOVEAWAY
#endif
#ifdef SPURIOUS_REACHED
#define SPURIOUS assert(C == 0 || dead[C]);
#else
#define SPURIOUS
#endif
#define RENAMEASIDE if :: L -> SPURIOUS MOVEAWAY asided = true; L = false; C = 0; OJ = 0; HB = false NEWDIR :: else fi
#endif
#if (ASIDE == 1 || FORCE > 0) && defined(SPLIT_PATH)
#define MINE ((L && C == t) || out[t])              /* acting in the directory found before */
#else                                               /* (one that left its path without ASIDE is empty for ever) */
#define MINE (L && C == t)
#endif
#if NRD > 0
byte RM[NRD];                   /* reader marker token in <db>.lock.readers; 0 = none */
bool rdead[NRD];
#endif

#if COMMIT == 4 || COMMIT == 5
#define MAYJUDGE(c) (dead[c] || (wrong < WRONG && !win[c]))
#else
#define MAYJUDGE(c) (dead[c] || wrong < WRONG)
#endif

proctype W(byte me)
{
  byte a, t, c, sess; bool pub, rel;
#ifdef SESSION
  byte k;                                           /* transactions ended */
#endif
#if NRD > 0
  byte i, rc;
#endif
#if FOREIGN > 0
  byte i;
#endif
#ifdef WORKER
  bool rw;
#endif
#if FOREIGN > 0
newtok:
  if :: (a == MAXA || (me != 0 && a == MAXB)) -> goto fin :: else -> a++ fi;
  t = me*MAXA + a; rel = false; N[t] = 2;           /* A1 */
try:
  CR;
  atomic {                                          /* A2: mkdir L, without write bits */
    if
    :: !L -> L = true; C = 0; OJ = 0; HB = false; K = RESERVED; RV = t;
       if :: skip :: (ambig < AMBIG) -> ambig++; goto busy fi
    :: else -> goto busy
    fi
  }
publish:
  CR;
  atomic {                                          /* A3: rename(N(t) -> L) replaces an empty L, whoever made it */
    if
    :: (N[t] != 0 && (!L || EMPTY)) ->
       assert(!theirs);                             /* the foreign locker's lock is not taken from it */
       L = true; C = (N[t] == 2 -> t : 0); OJ = t; HB = true; K = PUBLISHED; N[t] = 0
    :: else
    fi
  }
  CR;
  if                                                /* A4 */
  :: (L && C == t) -> goto mine
  :: else -> if :: N[t] == 0 -> goto newtok :: else -> goto busy fi
  fi;
busy:
  if
  :: !L -> goto try
  :: (gone && L && K == THEIRS) -> N[t] = 0; goto fin   /* its patience ends: an operator has to look */
  :: atomic { (L && EMPTY && K == RESERVED) -> c = RV } goto take
#ifdef TAKE_CLEANED
  :: atomic { (L && EMPTY && K == CLEANED) -> c = RV } goto take
#else
  :: (L && EMPTY && K == CLEANED) -> goto emptied
#endif
#ifdef GRACE_FOREIGN
  :: atomic { (L && EMPTY) -> c = RV } goto take
#endif
  :: (L && C == 0 && !EMPTY) -> goto clean
  :: atomic { (L && C != 0 && dead[C]) -> c = C } goto brk
#if FORCE > 0
  :: atomic { (L && C != 0 && dead[C] && forced < FORCE) -> forced++; c = C } goto force
#endif
  fi;
#if FORCE > 0
force:
  CR;
#ifdef FORCE_LOOKED
  atomic { if :: (L && C == c) -> asided = true; L = false; C = 0; OJ = 0; HB = false :: else fi; c = 0 }
#else
  atomic { if :: L -> assert(!theirs); asided = true; L = false; C = 0; OJ = 0; HB = false :: else fi; c = 0 }
#endif
  goto busy;
#endif
take:                                               /* E1: nobody else may still be about to publish */
#ifdef OVERLAP
  atomic { if
    :: (NW == 1 || !taking[(me+1)%NW]) -> taking[me] = true
    :: (taking[(me+1)%NW] && overlaps < OVERLAP) -> overlaps++; taking[me] = true
    :: (taking[(me+1)%NW] && overlaps == OVERLAP) -> c = 0; goto busy
    fi }
#endif
#ifndef NO_E1
  CR;
  i = 1;
  do
  :: i > NTOK -> break
  :: i <= NTOK && (i == t || N[i] == 0) -> i++
  :: i <= NTOK && i != t && N[i] != 0 ->
#ifdef PARTLY
     N[i] = 1; CR;
#endif
     atomic { N[i] = 0; i++ }; CR
  od;
  i = 0;
#endif
#ifndef NO_E2
  if                                                /* E2: the very reservation that was seen */
#ifdef E2_ANY
  :: atomic { (L && EMPTY && K == RESERVED) -> c = 0 }
#else
  :: atomic { (L && EMPTY && (K == RESERVED || K == CLEANED) && RV == c) -> c = 0 }
#endif
  :: else -> c = 0; TAKING(false) goto busy
  fi;
#endif
  c = 0;
  CR;
#ifdef RMDIR_TAKEOVER
  if :: atomic { if :: (L && EMPTY && K == RESERVED) -> L = false :: else fi } goto busy :: skip fi;
#endif
  atomic {                                          /* E3: A3 */
    if
    :: (N[t] != 0 && (!L || EMPTY)) ->
       assert(!theirs);
       L = true; C = (N[t] == 2 -> t : 0); OJ = t; HB = true; K = PUBLISHED; N[t] = 0
    :: else
    fi;
    TAKING(false) skip
  }
  CR;
  if
  :: (L && C == t) -> skip
  :: else -> if :: N[t] == 0 -> goto newtok :: else -> goto busy fi
  fi;
#ifdef E4
  i = 1;
  do
  :: i > NTOK -> break
  :: i <= NTOK -> atomic { N[i] = 0; i++ }; CR
  od;
  i = 0;
#endif
  goto mine;
brk:
  CR;
  atomic { if :: (L && C == c) -> MARK skip :: else fi }        /* B: mark, through the descriptor of what was seen */
  CR;
  atomic { if :: (L && C == c) -> C = 0 :: else fi; c = 0 }     /* unlink claim.<c> */
clean:
  CR;
  atomic {                                          /* C1: look, and mark what was seen through its descriptor */
    if
    :: !L -> goto cleaned
    :: (L && (C != 0 || EMPTY)) -> goto cleaned
    :: else -> MARK_IN_CLEAN skip
    fi
  }
  CR; atomic { if :: L -> OJ = 0 :: else fi }       /* C2 */
  CR; atomic { if :: L -> HB = false :: else fi }   /* C3 */
emptied:
  CR;
#ifdef LATE_RMDIR
  atomic { if :: (L && EMPTY) -> assert(!theirs); L = false :: else fi }
#else                                               /* C4: rmdir directly after the look at what is removed */
#ifdef NO_MARK
  atomic { if :: (L && EMPTY && K == PUBLISHED) -> L = false :: else fi }
#else
  atomic { if :: (L && EMPTY && K == CLEANED) -> L = false :: else fi }
#endif
#endif
cleaned:
  if :: rel -> goto newtok :: else -> goto busy fi;
mine:
  assert(!theirs);                                  /* mutual exclusion */
#else
newtok:
  if :: (a == MAXA || (me != 0 && a == MAXB)) -> goto fin :: else -> a++ fi;
  t = me*MAXA + a; pub = false; rel = false;        /* A1: private directory prepared under a new token */
try:
  if :: REP -> skip :: else -> goto publish fi;     /* A2 is skipped where rename refuses any existing target */
  CR;
  atomic {                                          /* A2: mkdir L */
    if
    :: !L -> L = true; C = 0; OJ = 0; HB = false NEWDIR;
       if :: goto publish :: (ambig < AMBIG) -> ambig++; goto busy fi
    :: else -> goto busy
    fi
  }
publish:
  CR;
  atomic {                                          /* A3: rename(prepared -> L); the reply is NOT used */
    if
    :: ((!L || (REP && EMPTY)) && !pub) -> L = true; C = t; OJ = t; HB = true; pub = true NEWDIR
    :: else
    fi
  }
  CR;
  if                                                /* A4: the claim's existence is the only truth */
  :: (L && C == t) -> goto own
#if CACHED > 0
  :: atomic { (!(L && C == t) && pub && cached < CACHED) -> cached++ } goto own
  :: (!(L && C == t) && pub) -> goto newtok
  :: (!(L && C == t) && !pub) -> goto busy
#else
  :: else -> if :: pub -> goto newtok :: else -> goto busy fi
#endif
  fi;
busy:
  if
  :: !L -> goto try
  :: (L && EMPTY) ->                                /* reservation older than its grace: take it over */
     if :: REP -> goto publish :: else fi;
     CR; atomic { if :: (L && EMPTY) -> L = false :: else fi } goto try      /* rmdir L */
  :: (L && C == 0 && (OJ != 0 || HB)) -> goto clean      /* dead instance */
#if ASIDE > 0
  :: (L && C == 0 && OJ == 0 && !HB && J) -> goto aside  /* nothing but .nfs*, unchanged for emptyGrace */
#endif
#ifdef WORKER
  :: atomic { (L && C != 0) -> c = C; rw = RW[C] } goto weigh   /* the record is read */
#else
  :: atomic { (L && C != 0 && MAYJUDGE(C)) -> c = C;
       if :: dead[c] :: else -> wrong++ fi;
#if COMMIT == 5
       C = 0 LEFTOVER
#endif
     }
     goto brk
#endif
#if FORCE > 0
  :: atomic { (L && C != 0 && forced < FORCE) -> forced++; c = C } goto force
#endif
#ifdef LOOSE_PID                                    /* rejected: pid taken from an owner.json of another token */
  :: atomic { (L && C != 0 && OJ != 0 && dead[OJ]) -> c = C; assert(dead[c]) } goto brk
#endif
  fi;
#ifdef WORKER
weigh:                                              /* the processes it names are looked for */
  if
#ifdef FIRST_PID
  :: dead[c]
#else
  :: (dead[c] && (!rw || wst[c] == 2))
#endif
  :: else -> goto busy
  fi;
#ifndef NO_REREAD
  CR;
  if :: (L && C == c && RW[c] == rw) :: else -> goto busy fi;   /* ... and it still names the same ones */
#endif
#endif
brk:
  CR;
  atomic { if :: (L && C == c) -> C = 0 LEFTOVER :: else fi }   /* B: unlink claim.<c>; reply not used */
clean:
  CR;
  if                                                /* C1: readdir L */
  :: !L -> goto cleaned
  :: (L && C != 0) -> goto cleaned
  :: else
  fi;
  CR; atomic { if :: L -> OJ = 0 LEFTOVER :: else fi }   /* C2: unlink owner.json - may hit a fresh lock: harmless */
  CR; atomic { if :: L -> HB = false LEFTOVER :: else fi }   /* C3: unlink heartbeat  - likewise */
  CR; atomic { if :: (L && EMPTY) -> L = false :: else fi }        /* C4: rmdir L */
cleaned:
  if :: rel -> goto newtok :: else -> goto busy fi;
#if FORCE > 0
force:
  CR;
#ifdef FORCE_LOOKED
  atomic { if :: (L && C == c) -> MOVEAWAY asided = true; L = false; C = 0; OJ = 0; HB = false NEWDIR :: else fi }
#else
  atomic { RENAMEASIDE }
#endif
  goto busy;
#endif
#if ASIDE > 0
aside:
  CR;
#if ASIDE == 1
  atomic { RENAMEASIDE }                            /* rename(L -> fresh N(x)), whatever L is by now */
#else
  atomic { if :: L -> J = false :: else fi }        /* rename(L/.nfs* -> fresh N(x)/): carries no authority */
#endif
  goto busy;
#endif
#endif
own:
#if NRD > 0
  i = 0;
  do                                                /* drain readers; L already stops new ones */
  :: i == NRD -> break
  :: i < NRD && RM[i] == 0 -> i++
  :: atomic { (i < NRD && RM[i] != 0 && (rdead[i] || wrong < WRONG)) -> rc = RM[i];
              if :: rdead[i] :: else -> wrong++ fi }
     CR; atomic { if :: RM[i] == rc -> RM[i] = 0 :: else fi }
  od;
  i = 0; rc = 0;
#endif
#ifdef WORKER
  CR;
  atomic { wst[t] = 1; run P(t) }                   /* waits at its pipe */
#ifdef WORKER_EARLY
  CR; go[t] = true;
  CR; RW[t] = true;
#else
  CR; RW[t] = true;                                 /* H3: the record names it ... */
  CR; go[t] = true;                                 /* ... before it may do anything */
#endif
  if :: me == 0 -> got0 = true :: else fi;
  CR;
  wst[t] == 2;
#elif defined(SESSION)
  k = 0;
#ifdef MERGED_DRAIN
#ifdef EARLY_READ
  sess = v; CR;
#endif
#else
  atomic { RES == 0 -> RES = me+1 } CR; RES = 0;    /* drain */
  sess = v;
  CR;
#endif
nexttx:
  CR;
#ifdef EARLY_CHECK
  if :: (L && C == t) :: else -> goto compromised fi;
  CR;
#endif
  atomic { RES == 0 -> RES = me+1 }                 /* BEGIN IMMEDIATE */
#if defined(MERGED_DRAIN) && !defined(EARLY_READ)
  if :: k == 0 -> sess = v :: else fi;              /* all that the session relies on is read after this point */
#endif
  if :: me == 0 -> got0 = true :: else fi;
  CR;
  if :: goto rolledback :: skip fi;
  if MAY_LEAVE_OUT
  :: atomic { if :: L -> OJ = t; HB = true LEFTOVER :: else fi }   /* heartbeat, heals files */
  fi;
  CR;
#ifdef SPLIT_PATH
  if :: (L && C == t) :: else -> goto compromised fi;   /* the directory is found ... */
  CR;
#endif
#ifndef EARLY_CHECK
  if
#ifdef UNCHECKED_TX1
  :: k == 0
#endif
#ifdef CHECK_ONCE
  :: k > 0
#endif
  :: MINE
  FROM_CACHE
  :: else -> goto compromised                       /* claim check under RESERVED */
  fi;
  CR;
#endif
  atomic { assert(v == sess); v++; sess = v }       /* COMMIT */
rolledback:                                         /* or ROLLBACK; the session goes on with what it has read */
  atomic { RES = 0; k++; if :: k < TX -> goto nexttx :: else fi }
#else
#if COMMIT == 0 || COMMIT == 2
  atomic { RES == 0 -> RES = me+1 } CR; RES = 0;    /* drain a predecessor still inside its commit */
#endif
#if COMMIT >= 3 && COMMIT <= 5
  CR;                                               /* opening the file under nolock IS a write: it rolls back */
#ifndef UNGUARDED_OPEN                              /* a journal, so it needs its own claim check              */
  atomic { if :: (L && C == t) -> win[t] = true :: else -> goto compromised fi }
  CR;
#endif
  atomic { wr = false; win[t] = false }
#endif
  if :: me == 0 -> got0 = true :: else fi;
  sess = v;                                         /* what this session read under its lock */
  CR;
  if MAY_LEAVE_OUT
  :: if :: (L && C == t) :: else -> goto compromised fi;
     CR;
     atomic { if :: L -> OJ = t; HB = true LEFTOVER :: else fi }   /* heartbeat, heals files; may be stray */
  fi;
#if COMMIT <= 1
  atomic { RES == 0 -> RES = me+1 }
#endif
  CR;
#ifdef SPLIT_PATH
  if :: (L && C == t) :: else -> goto compromised fi;   /* the directory is found ... */
  CR;                                               /* ... and here a live L may be renamed aside */
#endif
#if COMMIT != 6
  atomic { if :: MINE -> win[t] = true FROM_CACHE :: else -> goto compromised fi }   /* commit-time check */
#endif
  CR;
#if COMMIT == 2
  atomic { RES == 0 -> RES = me+1 }
  CR;
#endif
#if COMMIT <= 2
  atomic { assert(v == sess); v++; RES = 0; win[t] = false }
#endif
#if COMMIT >= 3 && COMMIT <= 5
  atomic { assert(v == sess); wr = true }           /* journal written, first page overwritten */
  CR;
  atomic { assert(v == sess && wr); v++; wr = false; win[t] = false }   /* journal deleted */
#endif
#if COMMIT == 6 && FOREIGN > 0
  atomic { if :: (L && C == t) -> MARK skip :: else fi }
  CR;
#endif
#if COMMIT == 6
#if (ASIDE == 1 || FORCE > 0) && defined(SPLIT_PATH)
  atomic { if :: MINE -> assert(v == sess); v++; out[t] = false; C = (C == t -> 0 : C) :: else -> goto compromised fi }
#else
  atomic { if :: (L && C == t) -> assert(v == sess); v++; C = 0 :: else -> goto compromised fi }
#endif
#endif
#endif
#if FOREIGN > 0
  CR;
  atomic { if :: (L && C == t) -> MARK skip :: else fi }
#endif
  CR;
  atomic { if :: (L && C == t) -> C = 0 LEFTOVER :: else fi }      /* R1: unlink own claim; reply not used */
  rel = true; goto clean;
compromised:
  RES = (RES == me+1 -> 0 : RES); win[t] = false;
  goto newtok;                                      /* touch nothing, retry as a new session */
died:
  atomic { DONE_TAKING dead[t] = true; RES = (RES == me+1 -> 0 : RES); win[t] = false }   /* wr stays: hot journal */
fin:
  skip
}

#if FOREIGN > 0
#ifdef FOREIGN_LIVES
#define FCRASH skip
#else
#define FCRASH if :: skip :: (crashes < MAXCRASH) -> atomic { crashes++; theirs = false; gone = true }; break fi
#endif
proctype F()                    /* SQLite's dotfile locking, node-sqlite3-wasm, proper-lockfile */
{
  byte n, vs;
  do
  :: n == FOREIGN -> break
  :: n < FOREIGN ->
     n++;
end_wait:
     atomic { !L -> L = true; C = 0; OJ = 0; HB = false; K = THEIRS; RV = 0; theirs = true; vs = v }
     FCRASH;
     atomic { assert(v == vs); v++ }
     FCRASH;
     atomic { theirs = false; if :: (L && EMPTY) -> L = false :: else fi }     /* rmdir */
  od
}
#endif

#ifdef WORKER
proctype P(byte t)              /* the command of with-lock: what it does nothing else fences */
{
  byte vs;
  if
  :: go[t] -> vs = v;
     if :: skip :: (crashes < MAXCRASH) -> crashes++; goto ended fi;
     atomic { assert(v == vs); v++ }
  :: dead[t] && !go[t]                              /* end of its pipe: the owner died before it might begin */
  fi;
ended:
  wst[t] = 2
}
#endif

#if NRD > 0
proctype R(byte k)
{
  byte rt, vs, me = 1;
again:
  if :: rt == MAXR -> goto fin :: else -> rt++ fi;
end_wait:
  !L;                                               /* R1 wait while the lock directory exists */
  CR; RM[k] = rt;                                   /* R2 create r.<token> */
  CR;
  if :: L -> CR; atomic { if :: RM[k] == rt -> RM[k] = 0 :: else fi } goto again   /* R3 writer first */
     :: else fi;
  CR;
  if :: wr -> goto leave :: else -> vs = v fi;      /* mode=ro: journal present -> leave, recover as writer */
  CR;
  atomic { if :: RM[k] == rt -> assert(v == vs && !wr) :: else fi }   /* R4 validate before using the result */
leave:
  CR; atomic { if :: RM[k] == rt -> RM[k] = 0 :: else fi }
  goto again;
died:
  rdead[k] = true;
fin:
  skip
}
#endif

#if GHOST > 0
proctype G()                    /* an old MKDIR, RMDIR or REMOVE is executed once more, at any later time */
{
  byte n = 0;
  do
  :: n < GHOST -> n++;
     atomic { if :: !L -> L = true; C = 0; OJ = 0; HB = false
                 :: (L && EMPTY) -> L = false
                 :: L -> OJ = 0
                 :: L -> HB = false
#if ASIDE == 1
                 :: asided -> RENAMEASIDE           /* its target has been swept meanwhile */
#endif
                 :: skip fi }
  :: n == GHOST -> break
  od                            /* REMOVE claim.<t> and RENAME of a consumed source are no-ops by uniqueness */
}
#endif

#if SILLY > 0
proctype S()                    /* the stranger closes the file, or another client unlinks the name; or never */
{
end_s:
  do
  :: J -> if :: atomic { J -> J = false } :: goto end_idle fi
  od;
end_idle:
  skip
}
#endif

init { atomic { byte n = 0;
  do :: n < NW -> run W(n); n++ :: else -> break od;
#if FOREIGN > 0
  run F();
#endif
#if SILLY > 0
  run S();
#endif
#if GHOST > 0
  run G();
#endif
#if NRD > 0
  n = 0; do :: n < NRD -> run R(n); n++ :: else -> break od
#endif
} }
ltl live { <> got0 }
#endif

#if PROTO != 0
/* ------------------------------------------------------------------ rejected designs, reduced to their core */
byte LT;                        /* lock at the fixed path: 0 absent, 255 present but ownerless, else token */
byte B;                         /* <db>.lock.break holder token, 0 absent */
bool tomb[NTOK+1];
#define MAYJUDGE(c) (dead[c] || wrong < WRONG)
bool bel[NTOK+1];               /* its process considers itself the owner */
#define FRESHSAFE(c) assert(LT == 0 || LT == c || !bel[LT])   /* only what was judged may be removed */

proctype W(byte me)
{
  byte a, t, c, s;
newtok:
  if :: a == MAXA -> goto fin :: else -> a++ fi;
  t = me*MAXA + a;
try:
  CR;
#if PROTO == 4
  atomic { if :: LT == 0 -> LT = 255 :: else -> goto busy fi }     /* mkdir */
  CR;
  atomic { if :: LT == 0 -> goto try :: else -> assert(LT == 255); LT = t fi }  /* rename(tmp -> L/owner.json) */
  goto own;
#else
  atomic { if :: LT == 0 -> LT = t :: else -> goto busy fi }
#endif
#if PROTO == 3 || PROTO == 31
  CR;
  if :: B != 0 -> CR; atomic { if :: LT == t -> LT = 0 :: else fi } (B == 0); goto try :: else fi;
#endif
  goto own;
busy:
  if
  :: LT == 0 -> goto try
#if PROTO == 4
  :: LT == 255 -> CR; atomic { if :: LT == 255 -> LT = 0 :: else fi } goto try   /* rmdir empty after grace */
#endif
  :: atomic { (LT != 0 && LT != 255 && MAYJUDGE(LT)) -> c = LT; if :: dead[c] :: else -> wrong++ fi }
  fi;
#if PROTO == 1 || PROTO == 4
  CR; atomic { FRESHSAFE(c); LT = 0 }
#endif
#if PROTO == 2
  CR; atomic { FRESHSAFE(c); s = LT; LT = 0 }
#endif
#if PROTO == 3 || PROTO == 31
  CR;
  atomic { if :: B == 0 -> B = t :: else -> s = B fi }             /* create-exclusive break file */
  if :: s != 0 ->
#if PROTO == 3
        atomic { (B == 0 || B != s || dead[s] || wrong < WRONG); if :: (B == s && !dead[s]) -> wrong++ :: else fi }
        CR; B = 0;                                                 /* stale break file removed */
#else
        (B == 0);
#endif
        s = 0; goto try
     :: else fi;
  CR; if :: LT != c -> B = 0; goto try :: else fi;                 /* re-verify under the mutex */
  CR; atomic { FRESHSAFE(c); LT = 0 }
  CR; B = 0;
#endif
#if PROTO == 5
  CR; atomic { if :: tomb[c] :: (!tomb[c] && LT != 0) -> FRESHSAFE(c); LT = 0; tomb[c] = true :: else fi }
#endif
  goto try;
own:
  bel[t] = true; if :: me == 0 -> got0 = true :: else fi;
  CR;
  atomic { bel[t] = false; if :: LT == t -> LT = 0 :: else fi }    /* release, verified (idealised) */
  goto newtok;
died:
  atomic { dead[t] = true }
fin: skip
}
init { atomic { byte n = 0; do :: n < NW -> run W(n); n++ :: else -> break od } }
ltl live { <> got0 }
#endif
