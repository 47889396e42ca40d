# Waits for the end of the process that holds the other end of the pipe, then stops the servers in
# the directory $1 and removes it. Does nothing if that process has done so itself.

# A signal that is meant for the whole process group must not end the watchdog too.
if [ -z "$TRADESYNC_OWN_SESSION" ] && command -v setsid >/dev/null; then
  export TRADESYNC_OWN_SESSION=1
  exec setsid sh "$0" "$1"
fi
trap '' HUP INT TERM
cat >/dev/null

stop() {
  read -r pid <"$1" || return
  kill "-$2" "$pid" || return
  tries=0
  while kill -0 "$pid" && [ $tries -lt 50 ]; do
    sleep 0.1
    tries=$((tries + 1))
  done
  kill -KILL "$pid"
}

# For one second: a server that was just starting writes its pid a moment later.
round=0
while [ -d "$1" ] && [ $round -lt 10 ]; do
  stop "$1/postgres/postmaster.pid" QUIT
  stop "$1/redis.pid" TERM
  sleep 0.1
  round=$((round + 1))
done

# More than once: what writes to the directory may need a moment to end.
round=0
while [ -d "$1" ] && [ $round -lt 50 ]; do
  rm -rf "$1"
  sleep 0.1
  round=$((round + 1))
done
