#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# An array job of a real Slurm: a controller and two nodes on this machine, a
# shard to each task, the results merged. Needs root (slurmd starts jobs) and
# Debian's slurm-wlm. COUNT=N: so many logs, TASKS=N: so many tasks.
set -u
for program in slurmctld slurmd sbatch munged; do
	command -v $program >/dev/null || missing="${missing:-} $program"
done
[ "$(id -u)" -eq 0 ] || missing="${missing:-} root"
if [ -n "${missing:-}" ]; then
	echo "skipped: not here:$missing (apt-get install slurm-wlm)"
	exit 0
fi
. "$(dirname "$0")/corpus.sh"
tasks=${TASKS:-8} started=
stop() {
	# Only what was started here.
	for pid in $started; do kill "$pid" 2>/dev/null; done
	for pid in $started; do wait "$pid" 2>/dev/null; done
	rm -rf "$tmp"
}
trap stop EXIT
chmod 755 "$tmp"
make_fleet "${COUNT:-400}"

# A cluster of its own: own ports, folders and key, nothing of /etc/slurm.
port=$((20000 + $$ % 20000))
mkdir "$tmp/state" "$tmp/spool1" "$tmp/spool2" "$tmp/munge"
chown munge: "$tmp/munge"
dd if=/dev/urandom bs=1 count=1024 of="$tmp/munge/key" 2>/dev/null
chown munge: "$tmp/munge/key"; chmod 400 "$tmp/munge/key"
setpriv --reuid munge --regid munge --clear-groups munged --foreground --key-file="$tmp/munge/key" \
	--socket="$tmp/munge/socket" --log-file="$tmp/munge/log" --pid-file="$tmp/munge/pid" \
	--seed-file="$tmp/munge/seed" >"$tmp/munged.log" 2>&1 &
started="$started $!"
host=$(hostname -s)
cat >"$tmp/slurm.conf" <<CONF
ClusterName=pgtcheck
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$tmp/munge/socket
CryptoType=crypto/munge
StateSaveLocation=$tmp/state
SlurmctldPidFile=$tmp/slurmctld.pid
SlurmdPidFile=$tmp/slurmd-%n.pid
SlurmdSpoolDir=$tmp/spool-%n
SlurmctldLogFile=$tmp/slurmctld.log
SlurmdLogFile=$tmp/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
MpiDefault=none
ReturnToService=2
SchedulerParameters=sched_interval=1
NodeName=n1 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 1)) CPUs=1
NodeName=n2 NodeHostname=$host NodeAddr=127.0.0.1 Port=$((port + 2)) CPUs=1
PartitionName=all Nodes=n1,n2 Default=YES State=UP
CONF
export SLURM_CONF="$tmp/slurm.conf"
for _ in $(seq 50); do [ -S "$tmp/munge/socket" ] && break; sleep 0.1; done
slurmctld -D -c -f "$tmp/slurm.conf" >"$tmp/ctld.out" 2>&1 & started="$! $started"
slurmd -D -N n1 -f "$tmp/slurm.conf" >"$tmp/n1.out" 2>&1 & started="$! $started"
slurmd -D -N n2 -f "$tmp/slurm.conf" >"$tmp/n2.out" 2>&1 & started="$! $started"
for _ in $(seq 150); do
	[ "$(sinfo -h -t idle -o %D 2>/dev/null)" = 2 ] && break
	sleep 0.2
done
if [ "$(sinfo -h -t idle -o %D 2>/dev/null)" != 2 ]; then
	echo "the cluster does not come up:"; tail -n 5 "$tmp"/*.out "$tmp"/*.log "$tmp/munge/log"
	failed=$((failed + 1)); finish; exit 1
fi

# The job of pgtcheck(1).
cat >"$tmp/job" <<JOB
#!/bin/sh
#SBATCH --array=1-$tasks --output=$tmp/job-%a.err
hostname >/dev/null
echo "\$SLURMD_NODENAME" >"$tmp/node-\$SLURM_ARRAY_TASK_ID"
"$bin" -j auto -f ndjson --shard=\$SLURM_ARRAY_TASK_ID/\$SLURM_ARRAY_TASK_COUNT \\
	--files-from="$tmp/list" >"$tmp/out/\$SLURM_ARRAY_TASK_ID.ndjson" 2>/dev/null
echo \$? >"$tmp/status-\$SLURM_ARRAY_TASK_ID"
JOB
timeout 120 sbatch --wait --chdir="$tmp" "$tmp/job" >"$tmp/sbatch.out" 2>&1
check "sbatch ends with $?: $(tail -n 1 "$tmp/sbatch.out")" $?
check "$(ls "$tmp/out" | wc -l) results of $tasks tasks" $(($(ls "$tmp/out" | wc -l) - tasks))
check "not both nodes had tasks" $(($(cat "$tmp"/node-* | sort -u | wc -l) - 2))
check "no task met the unreadable log" $((1 - $(cat "$tmp"/status-* | grep -cx 3)))
same "an array of $tasks tasks" "$tmp"/out/*.ndjson
finish
