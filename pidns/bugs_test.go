package pidns

// Seventeen mistakes that kernels have made in ending a namespace of pids, and
// the tests that would have caught them: scenarios of testdata/pidns, and
// functions. Those of guarantees 1 to 7 see most of them too, and the wrong
// steps of planted_test.go are many of them.
//
//	 1  gate tested, lock dropped, number published later    bug01_gate_before_publication; Guarantee1_ZapInTheMiddleOfAFork; Guarantee1_ZapVersusFork
//	 2  a failed fork woke a reaper that had been freed      bug02_reaper_gone; Guarantee7_StaleHandles
//	 3  gate tested at the innermost level only              bug03_ancestor_dying; Guarantee2_ShutGate
//	 4  the cursor stayed where a failed fork had moved it   bug04_first_number; FirstTaskIsOneAfterFailures
//	 5  rollback in the wrong level                          bug05_rollback_level; Guarantee2_FullLevel; Guarantee2_FaultAtLevel
//	 6  nested reapers immune from outside                   bug06_nested_immune; ReaperImmunity
//	 7  the last thread out was not the leader               bug07_leader_first; Guarantee3_LastThreadIsNotTheLeader
//	 8  a child of a parent outside was not counted          bug08_parent_outside; Guarantee4_ZombiesOfParentsOutside
//	 9  a held-up exit, once let go, must end the zap        bug09_held_exit; Survivors
//	10  a zap waiting for who waits for the reaper           bug10_zap_waits_for_waiter; Guarantee6_NestedReaperHoldsNobodyUp
//	11  the waiting loop span                                Guarantee3_NobodyPolls
//	12  the leader is dead and its threads live              bug12_leader_dead_threads_live; Guarantee4_WhoGoes
//	13  a subreaper saved a task                             bug13_subreaper; Subreapers
//	14  the parent was killed in the middle of its fork      bug14_killed_forking; Guarantee2_ForkerDiesForking
//	15  reserved and not published, and passed over          bug15_reserved_not_published; Guarantee3_EndsByTheCount
//	16  "already killed" told by number                      bug16_number_used_again; Guarantee7_KilledByTaskNotByNumber
//	17  the same number twice in a row                       ConsecutiveNumbersDiffer
