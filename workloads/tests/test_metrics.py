from fashion_mnist.metrics import Counter, Gauge, Histogram, exposition


def test_the_text_is_what_prometheus_reads() -> None:
    requests = Counter("requests_total", "Requests.")
    requests.add(code="200")
    requests.add(2, code="503")
    duration = Histogram("duration_seconds", "Duration.", (0.1, 1))
    for value in (0.05, 0.1, 0.5, 7):
        duration.observe(value)
    accuracy = Gauge("accuracy", "Accuracy.", lambda: 0.875, (("model", 'a "b"\\\n'),))
    assert exposition([requests, duration, accuracy]) == (
        "# HELP requests_total Requests.\n"
        "# TYPE requests_total counter\n"
        'requests_total{code="200"} 1\n'
        'requests_total{code="503"} 2\n'
        "# HELP duration_seconds Duration.\n"
        "# TYPE duration_seconds histogram\n"
        'duration_seconds_bucket{le="0.1"} 2\n'
        'duration_seconds_bucket{le="1"} 3\n'
        'duration_seconds_bucket{le="+Inf"} 4\n'
        "duration_seconds_sum 7.65\n"
        "duration_seconds_count 4\n"
        "# HELP accuracy Accuracy.\n"
        "# TYPE accuracy gauge\n"
        'accuracy{model="a \\"b\\"\\\\\\n"} 0.875\n'
    )


def test_a_gauge_without_a_value_is_absent() -> None:
    assert list(Gauge("memory", "Memory.", lambda: None).samples()) == []


def test_a_counter_that_starts_at_zero_is_present() -> None:
    counter = Counter("requests_total", "Requests.")
    counter.add(0, code="200")
    assert list(counter.samples()) == ['requests_total{code="200"} 0']


def test_a_histogram_has_sum_and_count_of_each_of_its_series() -> None:
    duration = Histogram("duration_seconds", "Duration.", (1,))
    for code, value in (("200", 0.5), ("200", 3.0), ("503", 2.0)):
        duration.observe(value, code=code)
    assert list(duration.samples()) == [
        'duration_seconds_bucket{code="200",le="1"} 1',
        'duration_seconds_bucket{code="200",le="+Inf"} 2',
        'duration_seconds_sum{code="200"} 3.5',
        'duration_seconds_count{code="200"} 2',
        'duration_seconds_bucket{code="503",le="1"} 0',
        'duration_seconds_bucket{code="503",le="+Inf"} 1',
        'duration_seconds_sum{code="503"} 2.0',
        'duration_seconds_count{code="503"} 1',
    ]
