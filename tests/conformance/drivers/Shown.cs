// Everything that C# prints of what its driver has had in hand, for the search for secrets.
using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Reflection;
using System.Runtime.Serialization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

internal static class Shown
{
    private static readonly ConcurrentQueue<string> Texts = new();

    // Keeps every printed form of a value but the properties that exist to give a secret away.
    internal static void Add(object value, params string[] given)
    {
        Texts.Enqueue($"{value} {Attempt(() => JsonSerializer.Serialize(value, value.GetType()))} {Attempt(() => Xml(value))}");
        foreach (var property in value.GetType().GetProperties().Where(property => !given.Contains(property.Name)))
        {
            Texts.Enqueue($"{property.Name} = {Attempt(() => property.GetValue(value)?.ToString())}");
        }

        if (value is Exception problem)
        {
            Texts.Enqueue(problem.Message);
            Texts.Enqueue(string.Join('\n', problem.Data.Keys.Cast<object>().Select(key => $"{key} = {problem.Data[key]}")));
        }
        else if (given.Length == 0)
        {
            AddFields(value);
        }
    }

    internal static JsonArray Take()
    {
        var taken = new JsonArray();
        while (Texts.TryDequeue(out var text))
        {
            taken.Add((JsonNode)text);
        }

        return taken;
    }

    // A debugger shows fields too.
    private static void AddFields(object value)
    {
        for (var type = value.GetType(); type is not null; type = type.BaseType)
        {
            foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            {
                Texts.Enqueue($"{field.Name} = {field.GetValue(value)}");
            }
        }
    }

    private static string Xml(object value)
    {
        using var stream = new MemoryStream();
        new DataContractSerializer(value.GetType()).WriteObject(stream, value);
        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static string? Attempt(Func<string?> dump)
    {
        try
        {
            return dump();
        }
        catch (Exception refused)
        {
            return refused.ToString();
        }
    }
}
