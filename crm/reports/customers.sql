-- Grain: one row a customer, over the purchases asked about, which `temp.customer_purchases` holds.
SELECT
    customer_id,
    min(ordered_on) AS first_on,
    max(ordered_on) AS last_on,
    min(ordered_on, 2)[2] AS second_on,
    -- Of two orders of one day, the one that was recorded first is the first.
    arg_min(amount, (ordered_on, number)) AS first_amount,
    count(*) AS orders,
    count(*) FILTER (ordered_on >= $first AND ordered_on < $end) AS orders_in_period,
    sum(amount) AS spent
FROM temp.customer_purchases
WHERE customer_id IS NOT NULL
GROUP BY customer_id
