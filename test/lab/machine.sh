#!/bin/bash
# machine.sh: run by `npm run lab` inside the lab's virtual machine, which has what many kernels lack: the dummy device, IPVS
# and netem. It starts the cache as the image has it (read-only root, few capabilities) between a pod and a kube-dns, and
# says one line per thing that holds. Ends with the number of those that do not.
# The machine is emulated, 15 to 30 times slower than its host: what happens is looked at, not how fast. So the lease has
# 6 s, and a question of the keeper is asked each second.
set -u
LEASE_SECONDS=6
CLUSTER_IP=10.96.0.10 UPSTREAM=10.96.0.11 LINK_LOCAL=169.254.20.10 LINK_LOCAL6=fd00:20::10 KUBE_DNS=10.244.1.2
FALLBACK=pods-of-dns.kube-system.svc.cluster.local
failed=0 cache=0

check() { # TITLE COMMAND…
  local title=$1
  shift
  if "$@" >/tmp/check 2>&1; then echo "ok      $title"; return; fi
  echo "NOT OK  $title"
  sed 's/^/          /' /tmp/check | head -5
  tail -n 5 /run/cache.log | sed 's/^/          log: /'
  failed=$((failed + 1))
}
until_true() { # SECONDS COMMAND…
  local end=$((SECONDS + $1))
  shift
  until "$@"; do [ $SECONDS -lt $end ] || return 1; sleep 0.1; done
}
in_pod() { nsenter --net=/run/netns/pod "$@"; }

# The servers behind the ClusterIP say TTL 86400, the cache at most 30: so an answer tells who gave it.
ttl() { in_pod dig +time=2 +tries=1 +noall +answer "@$1" day.example.test "${@:2}" | awk '$4 == "A" {print $2; exit}'; }
by_cache() { local t; t=$(ttl "$@"); echo "TTL ${t:-none}, $*"; [ -n "$t" ] && [ "$t" -le 30 ]; }
by_kube_dns() { local t; t=$(ttl "$@"); echo "TTL ${t:-none}, $*"; [ "$t" = 86400 ]; }

place() { # NAME ADDRESS GATEWAY
  ip netns add "$1"
  ip link add "to-$1" type veth peer name eth0 netns "$1"
  ip addr add "$3/24" dev "to-$1"
  ip link set "to-$1" up
  ip -n "$1" addr add "$2/24" dev eth0
  ip -n "$1" link set lo up
  ip -n "$1" link set eth0 up
  ip -n "$1" route add default via "$3"
}

surroundings() {
  modprobe dummy numdummies=0 # Else the module makes a dummy0 of its own with the first link of ours.
  sysctl -qw net.ipv4.ip_forward=1
  place pod 10.244.0.10 10.244.0.1
  place dns $KUBE_DNS 10.244.1.1
  ip route add default dev to-dns # A service's address needs a way before the DNAT changes it.
  ip addr add fd00:244::1/64 dev to-pod nodad
  ip -n pod addr add fd00:244::10/64 dev eth0 nodad
  ip -n pod route add default via fd00:244::1
  cp -r /lab/dns /run/dns
  echo "${FALLBACK%.cluster.local} A $KUBE_DNS" >>/run/dns/cluster.local.zone
  (cd /run/dns && exec nsenter --net=/run/netns/dns unbound -d -p -c unbound.conf >/run/dns.log 2>&1) &
  mount --rbind /image /image
  mount -o remount,bind,ro /image
  mount -t tmpfs tmp /image/tmp
  mkdir -p /run/cache
  sed -i 's/^env=(/&KUBE_DNS_UPSTREAM_SERVICE_HOST='$UPSTREAM' /' /lab/run-image # As the kubelet sets it.
  cat >/run/cache/Corefile.base <<-CONF
	.:53 {
	    errors
	    cache 30
	    bind __PILLAR__LOCAL__DNS__
	    forward . __PILLAR__CLUSTER__DNS__
	    prometheus :9253
	    health $LINK_LOCAL:8080
	}
	CONF
}

kube_proxy() { # PROGRAM -A|-D: its DNAT, and the chain by which programs tell legacy from nft
  local chain protocol address
  [ "$2" = -A ] && "$1" -w -t mangle -N KUBE-KUBELET-CANARY
  [ "$2" = -D ] && "$1" -w -t mangle -X KUBE-KUBELET-CANARY
  for chain in PREROUTING OUTPUT; do
    for protocol in udp tcp; do
      for address in $CLUSTER_IP $UPSTREAM; do
        "$1" -w -t nat "$2" $chain -d $address -p $protocol --dport 53 -j DNAT --to-destination $KUBE_DNS
      done
    done
  done
}

# What has to be as it was. Counters do not count.
node_state() {
  local program
  for program in iptables-legacy-save ip6tables-legacy-save iptables-nft-save ip6tables-nft-save; do
    echo "== $program"
    $program 2>&1 | grep -v '^#' | sed 's/\[[0-9]*:[0-9]*\]//'
  done
  echo "== ruleset" && nft -s list ruleset 2>/dev/null
  echo "== sets" && ipset list -name
  echo "== links" && ip -o addr | sed 's/valid_lft.*//' && ip -o link show | awk '{print $2}'
}

start() { # CAPABILITIES FLAG…: bounding set; chroot is what the launcher itself needs to enter the image
  local capabilities=$1
  shift
  setpriv --bounding-set "-all,+sys_chroot,$capabilities" --inh-caps=-all --no-new-privs \
    /lab/run-image -basecorefile /run/cache/Corefile.base -conf /run/cache/Corefile -pidfile /run/cache/pid \
    -upstreamsvc kube-dns-upstream -fallbacksvc $FALLBACK -leaserenew 1s -leaseexpire ${LEASE_SECONDS}s "$@" >/run/cache.log 2>&1 &
  cache=$!
}
end() { # SIGNAL
  kill "-$1" $cache 2>/dev/null
  wait $cache 2>/dev/null
}
held() { wget_metrics | grep -q "^nodelocaldns_lease_held{address=\"$1\"} 1"; }
wget_metrics() { node -e 'fetch("http://127.0.0.1:9353/metrics").then((r) => r.text()).then(console.log)' ; }
cleanup() { chroot /image /node-cache cleanup "$@"; }
is_dummy() { ip -d link show nodelocaldns | grep -w dummy; }
same_as() { node_state | diff "$1" -; }

one_world() { # PROGRAM FIREWALL CAPABILITIES
  local table
  echo "-- kube-proxy by $1, ours by $2, capabilities $3"
  kube_proxy "$1" -A
  by_kube_dns $CLUSTER_IP >/dev/null # Whatever modules and tables the first use makes, it makes now.
  # A legacy table is there for good once it was used, and empty then.
  [ "$1" != iptables-legacy ] || for table in raw filter nat; do $1 -t $table -S; ip6tables-legacy -t $table -S; done >/dev/null
  node_state >/run/before
  start "$3" -localip "$LINK_LOCAL,$CLUSTER_IP,$LINK_LOCAL6" -firewall "$2"
  check 'lease held on the ClusterIP' until_true 60 held $CLUSTER_IP
  check 'lease held on the link-local address' until_true 30 held $LINK_LOCAL
  check 'the link is a dummy device' is_dummy
  check 'ClusterIP: the cache answers' until_true 10 by_cache $CLUSTER_IP
  check 'ClusterIP over TCP: the cache answers' by_cache $CLUSTER_IP +tcp
  check 'link-local: the cache answers' until_true 10 by_cache $LINK_LOCAL
  check 'IPv6: the cache answers' until_true 10 by_cache $LINK_LOCAL6
  end KILL
  check 'SIGKILL: kube-dns answers on the ClusterIP' until_true $((LEASE_SECONDS + 6)) by_kube_dns $CLUSTER_IP
  check 'SIGKILL: kube-dns answers on the link-local address' until_true 6 by_kube_dns $LINK_LOCAL
  check 'cleanup ends well' cleanup
  check 'after cleanup all is as before' same_as /run/before
  kube_proxy "$1" -D
}

with_ipvs() {
  echo '-- kube-proxy in IPVS mode'
  ip link add kube-ipvs0 type dummy
  ip addr add $CLUSTER_IP/32 dev kube-ipvs0
  ip addr add $UPSTREAM/32 dev kube-ipvs0
  local address option
  for address in $CLUSTER_IP $UPSTREAM; do
    for option in -u -t; do
      ipvsadm -A $option $address:53 -s rr
      ipvsadm -a $option $address:53 -r $KUBE_DNS:53 -m
    done
  done
  sysctl -qw net.ipv4.vs.conntrack=1
  check 'IPVS itself answers' until_true 10 by_kube_dns $CLUSTER_IP
  start +net_admin,+net_bind_service -localip "$LINK_LOCAL,$CLUSTER_IP"
  check 'lease held on the link-local address' until_true 60 held $LINK_LOCAL
  check 'link-local: the cache answers' until_true 10 by_cache $LINK_LOCAL
  check 'the ClusterIP is left to IPVS' by_kube_dns $CLUSTER_IP
  not_ours() { ! ip -o addr show dev nodelocaldns | grep -F $CLUSTER_IP; }
  check 'the ClusterIP is not on our link' not_ours
  end KILL
  check 'SIGKILL: the standing DNAT answers on the link-local address' \
    until_true $((LEASE_SECONDS + 6)) by_kube_dns $LINK_LOCAL
  cleanup >/dev/null
  ipvsadm -C
  ip link del kube-ipvs0
}

# Only on the way to kube-dns: netem acts on what a device sends.
loss() { tc qdisc replace dev to-dns root netem loss "$1%"; } # PERCENT
status_of() { in_pod dig +time=10 +tries=1 "@$CLUSTER_IP" "$1" | sed -n 's/.*status: \([A-Z]*\).*/\1/p'; }
# The servers know none of them: each has to go all the way, and NXDOMAIN is the right answer.
ask_new_names() { # PREFIX COUNT
  local i asking=()
  for i in $(seq "$2"); do
    status_of "$1$i.cluster.local" &
    asking+=($!)
    [ $((i % 8)) -ne 0 ] || { wait "${asking[@]}"; asking=(); }
  done >/run/statuses
}
count_of() { grep -cw "$1" /run/statuses; }

with_loss() {
  echo '-- packets to kube-dns are lost'
  kube_proxy iptables-nft -A
  start +net_admin,+net_bind_service -localip "$LINK_LOCAL,$CLUSTER_IP" -firewall nft
  check 'lease held on the ClusterIP' until_true 60 held $CLUSTER_IP
  check 'ClusterIP: the cache answers' until_true 10 by_cache $CLUSTER_IP
  local asked dropped
  loss 20
  ask_new_names fifth 40
  asked=$(grep -c 'fifth[0-9]*\.cluster\.local\. A IN' /run/dns.log)
  dropped=$(tc -s qdisc show dev to-dns | sed -n 's/.*(dropped \([0-9]*\),.*/\1/p')
  echo "        a fifth lost: of 40 new names $(count_of NXDOMAIN) answered, $(count_of SERVFAIL) SERVFAIL;" \
    "$asked questions came to kube-dns, $dropped packets did not"
  check 'some packets were lost' test "$dropped" -ge 3
  check 'a fifth lost: nine of ten new names and more have an answer' test "$(count_of NXDOMAIN)" -ge 36
  check 'the lease is held' held $CLUSTER_IP
  check 'a name is put into the cache' until_true 10 by_cache $CLUSTER_IP
  loss 100
  check 'all lost: the cache answers what it has' by_cache $CLUSTER_IP
  ask_new_names all 8
  check 'all lost: other names have SERVFAIL, not silence' test "$(count_of SERVFAIL)" = 8
  check 'all lost: the lease is held' held $CLUSTER_IP
  tc qdisc del dev to-dns root
  none_missing() { ask_new_names again 8; [ "$(count_of NXDOMAIN)" = 8 ]; }
  check 'nothing lost any more: all new names have an answer' until_true 20 none_missing
  end TERM
  check 'cleanup ends well' cleanup
  kube_proxy iptables-nft -D
}

surroundings
for part in "$@"; do
  case $part in
    nft) one_world iptables-nft nft +net_admin,+net_bind_service ;;
    iptables-nft) one_world iptables-nft iptables +net_admin,+net_bind_service,+net_raw ;;
    iptables-legacy) one_world iptables-legacy iptables +net_admin,+net_bind_service,+net_raw ;;
    ipvs) with_ipvs ;;
    loss) with_loss ;;
    *) echo "no part '$part', want nft, iptables-nft, iptables-legacy, ipvs or loss"; exit 2 ;;
  esac
done
exit $failed
