"""Legacy queries as people write them; ``s`` is the session. Those in `LEFT` have no form that is certain."""

CONVERTED = {
    "all": "s.query(U).all()",
    "all columns": "s.query(U.id, U.name).all()",
    "all one column": "s.query(U.id).all()",
    "all labelled": "s.query(U.id.label('k')).order_by(U.id).all()",
    "all two entities": "s.query(U, I).filter(I.owner_id == U.id).order_by(I.id).all()",
    "all entity and column": "s.query(U, I.title).join(I).order_by(I.id).all()",
    "all same entity and literal": "s.query(U, literal(1)).join(U.items).all()",
    "join to many": "s.query(U).join(U.items).all()",
    "join class": "s.query(U).join(I).filter(I.title == 'x').all()",
    "join onclause": "s.query(I).join(U, I.owner_id == U.id).order_by(I.id).all()",
    "join columns": "s.query(U.id).join(U.items).order_by(I.id).all()",
    "implicit join": "s.query(U).filter(U.id == I.owner_id).all()",
    "outer join": "s.query(U.id, func.count(I.id)).outerjoin(I).group_by(U.id).order_by(U.id).all()",
    "outer join entity": "s.query(U).outerjoin(U.items).order_by(U.id, I.id).all()",
    "joined load": "[(u.id, len(u.items)) for u in s.query(U).options(joinedload(U.items)).order_by(U.id).all()]",
    "joined load to one": "[(i.id, i.owner.id) for i in s.query(I).options(joinedload(I.owner)).order_by(I.id).all()]",
    "select in load": "[(u.id, len(u.items)) for u in s.query(U).options(selectinload(U.items)).order_by(U.id).all()]",
    "joined load first": "len(s.query(U).options(joinedload(U.items)).filter(U.id == 1).first().items)",
    "first": "s.query(U).filter(U.age == 2).first()",
    "first none": "s.query(U).filter(U.age == 99).first()",
    "first column": "s.query(U.id).order_by(U.id.desc()).first()",
    "first of limited": "s.query(U).order_by(U.id).offset(1).limit(3).first()",
    "first of join": "s.query(U).join(U.items).order_by(I.id.desc()).first()",
    "one": "s.query(U).filter(U.name == 'a').one()",
    "one missing": "s.query(U).filter(U.name == 'zz').one()",
    "one of several": "s.query(U).one()",
    "one of join": "s.query(U).join(U.items).filter(U.id == 1).one()",
    "one columns": "s.query(U.id, U.name).filter(U.id == 1).one()",
    "one or none": "s.query(U).filter(U.name == 'zz').one_or_none()",
    "one or none of several": "s.query(U).one_or_none()",
    "scalar": "s.query(func.count(U.id)).scalar()",
    "scalar entity": "s.query(U).filter(U.id == 1).scalar()",
    "scalar of several": "s.query(U.id).scalar()",
    "scalar none": "s.query(U.id).filter(U.id == 99).scalar()",
    "scalar of join": "s.query(U).join(U.items).filter(U.id == 1).scalar()",
    "get": "s.query(U).get(2)",
    "get none": "s.query(U).get(99)",
    "get with options": "len(s.query(U).options(selectinload(U.items)).get(1).items)",
    "count": "s.query(U).filter(U.age == 2).count()",
    "count join": "s.query(U).join(U.items).count()",
    "count distinct": "s.query(U.age).distinct().count()",
    "count grouped": "s.query(U.age, func.count()).group_by(U.age).count()",
    "count limited": "s.query(U).limit(2).count()",
    "exists": "s.query(s.query(U).filter(U.age == 2).exists()).scalar()",
    "exists not": "s.query(s.query(U).filter(U.age == 99).exists()).scalar()",
    "filter by": "s.query(U).filter_by(name='b').all()",
    "filter by after join": "s.query(U).join(U.items).filter_by(title='x').all()",
    "where": "s.query(U).where(U.age > 1, U.age < 3).all()",
    "with entities": "s.query(U).filter(U.age == 2).with_entities(U.id, U.name).all()",
    "with entities of join": "s.query(U).join(U.items).with_entities(I.title).order_by(I.id).all()",
    "with entities count": "s.query(U).filter(U.age == 2).with_entities(func.count()).scalar()",
    "with entities count of all": "s.query(U).with_entities(func.count()).scalar()",
    "add columns": "s.query(U).add_columns(U.name).order_by(U.id).all()",
    "add entity": "s.query(U).add_entity(I).filter(I.owner_id == U.id).order_by(I.id).all()",
    "subquery in": "s.query(U).filter(U.id.in_(s.query(I.owner_id))).order_by(U.id).all()",
    "scalar subquery": (
        "s.query(U.id, s.query(func.count(I.id)).filter(I.owner_id == U.id).scalar_subquery()).order_by(U.id).all()"
    ),
    "any": "s.query(U).filter(U.items.any(I.title == 'x')).order_by(U.id).all()",
    "distinct": "s.query(U.age).distinct().order_by(U.age).all()",
    "distinct entity of join": "s.query(U).join(U.items).distinct().order_by(U.id).all()",
    "order limit offset": "s.query(U).order_by(U.id.desc()).offset(1).limit(2).all()",
    "order reset": "s.query(U).order_by(U.id).order_by(None).all()",
    "slice call": "s.query(U).order_by(U.id).slice(1, 3).all()",
    "slice": "s.query(U).order_by(U.id)[1:3]",
    "slice from start": "s.query(U).order_by(U.id)[:2]",
    "index": "s.query(U).order_by(U.id)[2]",
    "index too large": "s.query(U).order_by(U.id)[99]",
    "iterate": "[u.name for u in s.query(U).order_by(U.id)]",
    "iterate join": "[u.name for u in s.query(U).join(U.items).order_by(I.id)]",
    "iterate columns": "[name for (name,) in s.query(U.name).order_by(U.id)]",
    "list": "list(s.query(U).join(U.items))",
    "populate existing": "s.query(U).populate_existing().all()",
    "for update": "s.query(U).with_for_update().first()",
    "having": "s.query(I.owner_id, func.count()).group_by(I.owner_id).having(func.count() > 1).all()",
    "from statement": "s.query(U).from_statement(text('select * from u where id = 1')).all()",
    "from statement first": "s.query(U).from_statement(text('select * from u where id = 1')).first()",
    "parameters": "s.query(U).filter(text('u.id = :x')).params(x=1).all()",
    "select from": "s.query(func.count()).select_from(U).scalar()",
    "alias": "s.query(aliased(I)).all()",
    "update": "s.query(U).filter(U.age == 2).update({'name': 'q'})",
    "update by attribute": "s.query(U).filter(U.age == 2).update({U.name: 'q'}, synchronize_session=False)",
    "update expression": "s.query(U).filter_by(id=1).update({U.age: U.age + 1}, 'fetch')",
    "delete": "s.query(I).filter(I.title == 'y').delete()",
    "delete without synchronizing": "s.query(I).filter_by(title='y').delete(synchronize_session=False)",
    "union": "s.query(U).filter(U.id == 1).union(s.query(U).filter(U.id == 2)).all()",
    "union of all": "s.query(U).filter(U.id == 1).union_all(s.query(U).filter(U.id < 3), s.query(U)).all()",
    "union first": "s.query(U).filter(U.id == 1).union(s.query(U).filter(U.id == 1)).first()",
    "union iterated": "[u.id for u in s.query(U).filter(U.id == 1).union_all(s.query(U).filter(U.id == 1))]",
    "iterate in portions": "[u.id for u in s.query(U).order_by(U.id).yield_per(2)]",
    "iterate a join in portions": "[u.id for u in s.query(U).join(U.items).order_by(I.id).yield_per(2)]",
    "iterate columns in portions": "[row for row in s.query(U.id, U.name).order_by(U.id).yield_per(2)]",
    "eager loads off": "s.query(U).enable_eagerloads(False).all()",
    "tuples": "s.query(U.id, U.name).order_by(U.id).tuples().all()",
    "another session": "s.query(U).with_session(s).order_by(U.id).all()",
    "with parent": "s.query(I).with_parent(s.query(U).get(1), U.items).order_by(I.id).all()",
    "get populate existing": "s.query(U).populate_existing().get(2)",
    "get without key": "s.query(U).get(None)",
    "get by text": "s.query(U).get('2')",
    "count two entities": "s.query(U, I).filter(U.id == I.owner_id).count()",
    "distinct in another order": "s.query(U.age).distinct().order_by(U.id).all()",
    "join class of another": "s.query(U).select_from(I).join(U).all()",
    "execution options": "s.query(U).execution_options(foo=1).all()",
    "exists by first": "s.query(U.id).filter(U.age == 2).first() is not None",
    "several lines": "(\n        s.query(U)  # people\n        .filter(U.age == 2)\n        .all()\n    )",
}
LEFT = {
    "union that goes on": "s.query(U).filter(U.id == 1).union(s.query(U).filter(U.id == 2)).order_by(U.id).all()",
    "union of columns": "s.query(U.id).union(s.query(I.id)).all()",
    "counted union": "s.query(U).union(s.query(U)).count()",
    "portions kept": "list(s.query(U).yield_per(2))",
    "with parent alone": "s.query(I).with_parent(s.query(U).get(1)).all()",
    "values": "list(s.query(U).values(U.name))",
    "value": "s.query(U).filter(U.id == 1).value(U.name)",
    "starred": "s.query(*[U.id, U.name]).all()",
    "unknown entity": "s.query(globals()['U']).all()",
    "passed on": "len(str(s.query(U)))",
    "slice that may be empty": "[s.query(U).order_by(U.id)[a:b] for a, b in [(1, 2)]]",
    "reversed slice": "s.query(U).order_by(U.id)[-1:]",
    "update of a join": "s.query(U).join(U.items).update({'name': 'q'})",
}
STATEMENTS = {
    "slice of a page": """
    start, count = 1, 2
    query = s.query(U).order_by(U.id)
    return query[start : start + count], query[:count]
""",
    "loop in portions": """
    found = []
    for u in s.query(U).order_by(U.id).yield_per(2):
        found.append(u.name)
    return found
""",
    "built up": """
    query = s.query(U)
    if s is not None:
        query = query.filter(U.age == 2)
    query = query.order_by(U.id)
    return query.count(), query.all()
""",
    "built up with join": """
    query = s.query(U)
    query = query.join(U.items).order_by(I.id)
    return query.all()
""",
    "iterated": """
    query = s.query(U.name).order_by(U.id)
    found = []
    for row in query:
        found.append(row[0])
    return found
""",
    "subquery": """
    latest = s.query(I.owner_id, func.max(I.id).label("last")).group_by(I.owner_id).subquery()
    return s.query(U.id, latest.c.last).join(latest, latest.c.owner_id == U.id).order_by(U.id).all()
""",
    "common table expression": """
    owners = s.query(I.owner_id).distinct().cte()
    return s.query(owners.c.owner_id).order_by(owners.c.owner_id).all()
""",
    "alias in a variable": """
    other = aliased(I)
    return s.query(other).filter(other.id == 1).all()
""",
    "update of what a variable holds": """
    query = s.query(U).filter(U.age == 2)
    before = [u.name for u in query.order_by(U.id)]
    changed = query.update({U.name: "q"}, synchronize_session=False)
    s.commit()
    return before, changed, [u.name for u in query.order_by(U.id).all()]
""",
    "delete of what a variable holds": """
    query = s.query(I).filter_by(title="y")
    found = query.count()
    query.filter(I.id > 0).delete()
    s.flush()
    return found, query.count(), s.query(I).count()
""",
    "update in a statement": """
    s.query(U).filter(U.id == 1).update({"name": "q"})
    return s.query(U.name).filter(U.id == 1).scalar()
""",
}
