//! Stores and process groups over loopback.

mod cluster;

use std::time::{Duration, Instant};

use cluster::{PATIENCE, any_port, config, run_ranks};
use gradus_c10d::{Error, ListenOn, Operation, ProcessGroup, Store};
use tch::{Kind, Tensor};

const SHORT: Duration = Duration::from_millis(300);

fn values(tensor: &Tensor) -> Vec<f32> {
    Vec::try_from(tensor.view(-1)).expect("a dense f32 tensor")
}

#[test]
fn a_store_tells_its_real_port_and_keeps_generations_apart() {
    let host = Store::host(any_port(), PATIENCE).expect("a store on loopback");
    assert_ne!(host.address().port(), 0);
    let client = Store::connect(host.address(), PATIENCE).expect("the store is up");
    let (first, second) = (client.generation(1).expect("a generation"), client.generation(2).expect("a generation"));
    first.set("checkpoint", b"one").expect("set");
    second.set("checkpoint", b"").expect("set");
    assert_eq!(host.generation(1).expect("a generation").get("checkpoint", PATIENCE).expect("get"), b"one");
    assert_eq!(second.get("checkpoint", PATIENCE).expect("get"), b"");
}

#[test]
fn a_missing_key_and_a_missing_store_time_out() {
    let host = Store::host(any_port(), PATIENCE).expect("a store on loopback");
    let error = host.get("nobody sets this", SHORT).expect_err("the key is missing");
    assert!(error.is_timeout(), "{error}");
    assert!(error.to_string().contains(&host.address().to_string()), "{error}");
    let taken = Store::host(host.address(), PATIENCE).expect_err("the port is in use");
    assert!(matches!(taken, Error::Listen { address, .. } if address == host.address()), "{taken}");
    let nobody = std::net::TcpListener::bind(any_port()).expect("a free port").local_addr().expect("bound");
    let error = Store::connect(nobody, SHORT).expect_err("nobody listens");
    assert!(error.is_timeout(), "{error}");
}

#[test]
fn an_all_reduce_sums_over_the_ranks() {
    for world_size in [1, 2, 3] {
        let sums = run_ranks(world_size, PATIENCE, |group| {
            let tensor = Tensor::from_slice(&[1.0f32, 10.0]) * f64::from(group.rank() + 1);
            values(&group.all_reduce_sum(tensor).expect("launched").wait(PATIENCE).expect("summed"))
        });
        let total = (1..=world_size).sum::<u32>() as f32;
        assert_eq!(sums, vec![vec![total, 10.0 * total]; world_size as usize]);
    }
}

#[test]
fn many_all_reduces_may_be_under_way_at_once() {
    let sums = run_ranks(2, PATIENCE, |group| {
        let launch = |i: i64| group.all_reduce_sum(Tensor::full([1000], i, (Kind::Float, tch::Device::Cpu)));
        let works: Vec<_> = (0..20).map(|i| launch(i).expect("launched")).collect();
        works.into_iter().map(|work| values(&work.wait(PATIENCE).expect("summed"))[999]).collect::<Vec<_>>()
    });
    let expected: Vec<f32> = (0..20u8).map(|i| 2.0 * f32::from(i)).collect();
    assert_eq!(sums, [expected.clone(), expected]);
}

#[test]
fn groups_of_one_process_may_launch_their_first_collectives_at_once() {
    let together = std::sync::Barrier::new(8);
    for _ in 0..8 {
        let ranks = run_ranks(8, PATIENCE, |group| {
            together.wait();
            group.barrier(PATIENCE).is_ok()
        });
        assert_eq!(ranks, [true; 8]);
    }
}

#[test]
fn the_rank_order_does_not_change_a_sum_of_two() {
    let terms = [[0.1f32, 1e8, -3.0], [0.2, 1.0, 1e-7]];
    let sum = |swapped: bool| {
        run_ranks(2, PATIENCE, |group| {
            let term = terms[(group.rank() as usize) ^ usize::from(swapped)];
            values(&group.all_reduce_sum(Tensor::from_slice(&term)).expect("launched").wait(PATIENCE).expect("summed"))
        })
    };
    let (straight, swapped) = (sum(false), sum(true));
    assert_eq!(straight, swapped);
    assert_eq!(straight[0], straight[1]);
}

#[test]
fn a_broadcast_copies_from_its_root() {
    let copies = run_ranks(3, PATIENCE, |group| {
        let tensor = Tensor::from_slice(&[group.rank() as f32]);
        group.barrier(PATIENCE).expect("all ranks are here");
        values(&group.broadcast(tensor, 2).expect("launched").wait(PATIENCE).expect("copied"))
    });
    assert_eq!(copies, [[2.0], [2.0], [2.0]]);
}

#[test]
fn joining_without_a_peer_times_out_and_names_the_rank() {
    let store = Store::host(any_port(), PATIENCE).expect("a store on loopback");
    let started = Instant::now();
    let error = ProcessGroup::join(&store, &config(1, 2, SHORT)).expect_err("rank 0 never joins");
    assert!(started.elapsed() < Duration::from_secs(20));
    assert!(matches!(&error, Error::Timeout { member, operation: Operation::Join, .. } if member.rank == 1), "{error}");
    assert!(error.to_string().contains("rank `1` of `2`"), "{error}");
}

#[test]
fn a_rank_that_does_not_take_part_is_a_timeout_that_names_rank_and_operation() {
    let outcomes = run_ranks(2, PATIENCE, |group| {
        if group.rank() == 1 {
            return group.barrier(PATIENCE).map(|()| 0.0);
        }
        let started = Instant::now();
        let outcome = group.all_reduce_sum(Tensor::from_slice(&[1.0f32])).expect("launched").wait(SHORT);
        assert!(started.elapsed() < Duration::from_secs(20));
        outcome.map(|sum| values(&sum)[0].into())
    });
    let error = outcomes[0].as_ref().expect_err("rank 1 does something else");
    let Error::Timeout { member, operation, timeout, .. } = error else { panic!("not a timeout: {error}") };
    assert_eq!((member.rank, *operation, *timeout), (0, Operation::AllReduce, SHORT));
    assert!(outcomes[1].is_err());
}

#[test]
fn a_peer_that_leaves_is_noticed_before_the_deadline() {
    let errors = run_ranks(2, PATIENCE, |group| {
        group.barrier(PATIENCE).expect("all ranks are here");
        if group.rank() == 1 {
            return None;
        }
        group.all_reduce_sum(Tensor::from_slice(&[1.0f32])).expect("launched").wait(PATIENCE).err()
    });
    let error = errors[0].as_ref().expect("rank 1 left");
    assert!(matches!(error, Error::PeerLost { operation: Operation::AllReduce, .. }), "{error}");
}

#[test]
fn an_abort_wakes_the_waiter_and_the_group_stays_closed() {
    let outcomes = run_ranks(2, PATIENCE, |group| {
        group.barrier(PATIENCE).expect("all ranks are here");
        if group.rank() == 1 {
            return group.all_reduce_sum(Tensor::from_slice(&[1.0f32])).and_then(|work| work.wait(PATIENCE)).err();
        }
        let work = group.broadcast(Tensor::from_slice(&[1.0f32]), 1).expect("launched");
        let abort = group.abort_handle().expect("a handle");
        let waited = std::thread::scope(|scope| {
            scope.spawn(|| abort.abort().expect("aborted"));
            work.wait(PATIENCE)
        });
        assert!(matches!(waited, Err(Error::Aborted { operation: Operation::Broadcast, .. })), "{waited:?}");
        abort.abort().expect("aborting twice is aborting once");
        group.barrier(PATIENCE).err()
    });
    assert!(matches!(outcomes[0], Some(Error::Aborted { operation: Operation::Barrier, .. })), "{outcomes:?}");
    assert!(matches!(outcomes[1], Some(Error::PeerLost { .. })), "{outcomes:?}");
}

#[test]
fn a_failed_group_is_joined_again_under_the_next_generation() {
    let host = Store::host(any_port(), PATIENCE).expect("a store on loopback");
    let first = host.generation(1).expect("a generation");
    ProcessGroup::join(&first, &config(0, 2, SHORT)).expect_err("rank 1 is missing");
    let sums: Vec<_> = std::thread::scope(|scope| {
        let join = |rank| {
            let store = Store::connect(host.address(), PATIENCE).and_then(|store| store.generation(2));
            let group = ProcessGroup::join(&store.expect("a store"), &config(rank, 2, PATIENCE)).expect("both join");
            values(
                &group.all_reduce_sum(Tensor::from_slice(&[1.0f32])).expect("launched").wait(PATIENCE).expect("summed"),
            )
        };
        let ranks = [scope.spawn(move || join(0)), scope.spawn(move || join(1))];
        ranks.into_iter().map(|rank| rank.join().expect("the rank does not panic")).collect()
    });
    assert_eq!(sums, [[2.0], [2.0]]);
}

#[test]
fn a_wrong_tensor_or_interface_is_refused_with_the_reason() {
    let errors = run_ranks(1, PATIENCE, |group| {
        let strided = Tensor::zeros([4, 4], (Kind::Float, tch::Device::Cpu)).transpose(0, 1).narrow(0, 0, 2);
        group.all_reduce_sum(strided).expect_err("not contiguous").to_string()
    });
    assert!(errors[0].contains("rank `0` of `1`: failed to all-reduce"), "{}", errors[0]);
    let store = Store::host(any_port(), PATIENCE).expect("a store on loopback");
    let mut config = config(0, 1, PATIENCE);
    config.listen_on = ListenOn::Interface("no-such-interface".to_owned());
    let error = ProcessGroup::join(&store, &config).expect_err("there is no such interface");
    assert!(error.to_string().contains("no-such-interface"), "{error}");
}
