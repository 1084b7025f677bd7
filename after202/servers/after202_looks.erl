%% Lets RabbitMQ tell what AMQP has no method for: who is connected, and which messages it keeps.
%%
%% A client declares a queue named `after202.ask.QUESTION.ANYTHING` and consumes one message from
%% it, the answer. Nothing runs until somebody asks, and no queue is changed: messages are read
%% inside the queue's own process, ready ones and those that await an acknowledgement, by the
%% functions with which RabbitMQ itself copies a queue. They are not a public interface: where
%% another version has other ones, the messages are only counted.
-module(after202_looks).
-behaviour(gen_event).
-export([start/0, init/1, handle_event/2, handle_call/2]).
-define(ASK, "after202.ask.").
-define(ANSWERED_MS, 2000).
%% The whole answer, while a queue does not know its messages.
-define(NOT_YET, <<"not yet">>).
%% RabbitMQ's records are tuples here, because their definitions need not be installed. Those of a
%% quorum queue are long: fields of `rabbit_fifo`, and one of `consumer`.
-define(MESSAGES, 3).
-define(RETURNS, 5).
-define(CONSUMERS, 10).
-define(CHECKED_OUT, 5).

%% Called once RabbitMQ has booted.
start() -> ok = gen_event:add_handler(rabbit_event, ?MODULE, []).

init([]) -> {ok, none}.

handle_call(_, State) -> {ok, ok, State}.

handle_event({event, queue_created, Properties, _, _}, State) ->
    case proplists:get_value(name, Properties) of
        {resource, _, queue, <<?ASK, Question/binary>> = Queue} ->
            Words = binary:split(Question, <<".">>, [global]),
            spawn(fun() -> answer(Queue, catch told(Words)) end);
        _ -> ok
    end,
    {ok, State};
handle_event(_, State) -> {ok, State}.

answer(Queue, Text) ->
    Default = rabbit_misc:r(<<"/">>, exchange, <<>>),
    rabbit_basic:publish(Default, Queue, [], iolist_to_binary(Text)).

%% A line per connection: its address, and its name.
told([<<"clients">> | _]) ->
    [[Address, "\t", Name, "\n"] || {_, Address, Name} <- clients()];
%% Close every connection but those of one name, as a network does: nobody is asked to agree, as an
%% idle client could not. The lines are those that were closed.
told([<<"close">>, Spared | _]) ->
    [begin
         exit(Pid, kill),
         [Address, "\t", Name, "\n"]
     end || {Pid, Address, Name} <- clients(), Name =/= Spared];
%% A line per message, and its body: the queue, the place, the type, the encoding, the body's size.
told([<<"messages">> | _]) ->
    [[Name, "\t", line(Message)]
     || Queue <- rabbit_amqqueue:list(<<"/">>),
        {resource, _, queue, Name} <- [amqqueue:get_name(Queue)],
        not is_ask(Name),
        Message <- messages(Queue)];
told(_) -> [].

is_ask(<<?ASK, _/binary>>) -> true;
is_ask(_) -> false.

clients() ->
    lists:append([client(Pid) || Pid <- rabbit_networking:connections()]).

client(Pid) ->
    try rabbit_networking:connection_info(Pid, [peer_host, peer_port, client_properties]) of
        [{_, Host}, {_, Port}, {_, Properties}] ->
            Address = [inet:ntoa(Host), ":", integer_to_list(Port)],
            case rabbit_misc:table_lookup(Properties, <<"connection_name">>) of
                {longstr, Name} -> [{Pid, Address, Name}];
                undefined -> [{Pid, Address, <<>>}]
            end
    catch
        _:_ -> []  % it has just gone
    end.

line({Place, {basic_message, _, _, Content, _, _}}) ->
    {Properties, Body} = rabbit_basic:from_content(Content),
    [_, Type, Encoding | _] = tuple_to_list(Properties),
    Words = [Place, text(Type), text(Encoding), integer_to_list(byte_size(Body))],
    [lists:join("\t", Words), "\n", Body];
line(unread) -> "queue\t\t\t0\n".

text(undefined) -> "";
text(Text) -> Text.

%% What cannot be read comes as messages without a body, as many as the queue counts.
messages(Queue) ->
    case read(amqqueue:get_type(Queue), amqqueue:get_pid(Queue)) of
        {ok, Found} -> Found;
        {error, ?NOT_YET} -> throw(?NOT_YET);
        _ ->
            {ok, Ready, _} = rabbit_amqqueue:stat(Queue),
            [{_, Taken}] = rabbit_amqqueue:info(Queue, [messages_unacknowledged]),
            lists:duplicate(Ready + Taken, unread)
    end.

read(rabbit_classic_queue, Pid) ->
    Take = fun(Message, _, IsTaken, Found) -> {cont, [{place(IsTaken), Message} | Found]} end,
    inside(
        fun(Tell) ->
            rabbit_amqqueue:run_backing_queue(Pid, rabbit_variable_queue, fun(_, State) ->
                try rabbit_variable_queue:fold(Take, [], State) of
                    {Found, After} -> Tell({ok, lists:reverse(Found)}), After
                catch
                    _:Reason -> Tell({error, Reason}), State
                end
            end)
        end);
read(rabbit_quorum_queue, {Name, _}) ->
    inside(
        fun(Tell) ->
            sys:replace_state(Name, fun({Role, Data} = Same) ->
                try logged(Role, Data) of
                    Found -> Tell({ok, Found})
                catch
                    _:Reason -> Tell({error, Reason})
                end,
                Same
            end)
        end);
read(_, _) -> {error, unknown_type}.

place(true) -> "unacked";
place(false) -> "queue".

%% A quorum queue is a log, and knows the numbers of those of its entries that are messages still
%% there: new ones, returned ones, and what each consumer has. The sum tells whether all were found.
%% After a start it knows them once it is the leader and has applied what it had logged.
logged(Role, Data) ->
    [#{log := Log, machine_state := Machine, cluster_change_permitted := IsRecovered}] =
        [Part || #{machine_state := _} = Part <- tuple_to_list(Data)],
    case Role =:= leader andalso IsRecovered of
        true -> entries(Log, Machine);
        false -> throw(?NOT_YET)
    end.

entries(Log, Machine) ->
    Ready = lists:append([lqueue:to_list(element(At, Machine)) || At <- [?MESSAGES, ?RETURNS]]),
    Taken = lists:append(
        [maps:values(element(?CHECKED_OUT, One)) || One <- maps:values(element(?CONSUMERS, Machine))]
    ),
    Places = [{Number, place(false)} || [Number | _] <- Ready]
        ++ [{Number, place(true)} || [Number | _] <- Taken],
    true = length(Places) =:= rabbit_fifo:query_messages_total(Machine),
    {Found, _} = lists:mapfoldl(fun entry/2, Log, lists:sort(Places)),
    Found.

entry({Number, Place}, Log) ->
    {{_, _, {_, _, Command, _}}, After} = ra_log:fetch(Number, Log),
    {{Place, element(tuple_size(Command), Command)}, After}.

%% Have something said by another process; return what it says.
inside(Cast) ->
    Asker = self(), Mark = make_ref(),
    _ = Cast(fun(Said) -> Asker ! {Mark, Said} end),
    receive
        {Mark, Said} -> Said
    after ?ANSWERED_MS -> {error, timeout}
    end.
